"""Evolution: the loop, what is evaluated in it, fitness, and what of it a run file keeps."""
