"""cchc: the nightly pipeline from unit systems to administrative-reform indicators people can trust."""
