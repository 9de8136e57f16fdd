"""The task families: each in a file by its name, with the model of its keys; a new file is a new family."""
