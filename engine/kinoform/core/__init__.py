"""Values and pure functions: nothing here touches a disk, a clock or a network."""
