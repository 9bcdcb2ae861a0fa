"""The portal: what officers and citizens read, as a static site."""
