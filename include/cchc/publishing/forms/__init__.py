"""The official forms of a period: their layout is data, their numbers come from the day-grain marts."""
