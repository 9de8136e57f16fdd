"""Configuration: typed TOML sections with their bounds and descriptions, and what to say of bad ones."""
