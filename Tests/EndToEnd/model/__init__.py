"""What must hold of a tool's objects, whatever went wrong: replayed from the cluster's journal, and checked."""
