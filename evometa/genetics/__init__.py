"""Genomes, their networks, and the phenotypes that they grow into."""
