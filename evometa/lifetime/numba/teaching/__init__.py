"""Students that are taught, on the processor; compiled when first asked for."""
