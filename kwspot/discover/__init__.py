"""From clips to the word that they share."""
