"""Columns of `Packed.genomes`: sizes of a genome's parts, and where each begins in its flat array.

Whatever is named here in capitals is a column for the CUDA text, too (but COLUMNS, their number).
"""

(NODES, SYNAPSES, INPUTS, OUTPUTS, RECURRENT, PTR, SRC, ACTIVATION, TILES, TILE_COUNT, LONGEST,
 CODE, BIRTH_END, NODE_END, CODE_END, CONSTANTS, CONSTANT_COUNT, ROWS, TEMPORARIES, OUT, READS,
 STATES, INNATE, FRESH, PLASTICITY, FEEDBACK, LOSS_CODE, LOSS_BIRTH, LOSS_END, LOSS_CONSTANTS, LOSS_CONSTANT_COUNT,
 LOSS_ROWS, LOSS_TEMPORARIES, LOSS_OUT, WEIGHTS_OUT, SLOTS, CELLS) = range(37)  # fmt: skip
COLUMNS = 37
