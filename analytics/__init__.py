"""Floor 3: rollups, their queries and dashboards. Empty until the analytics are built; the floor is held already."""
