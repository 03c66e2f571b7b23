"""What can go wrong with what orgweave remembers."""


class StateError(Exception):
    """A store cannot be used, or refuses what it was told. The text names the file, what is wrong and what to do."""


class MappingError(Exception):
    """A vendor's mapping is no SELECT that makes shadows; the text is the database's, in one line."""
