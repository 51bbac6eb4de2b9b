"""Games, their transforms and their interactions: tensors only, no network."""
