"""The service's double: it speaks both protocols on this machine, and answers from the meaning of a request alone."""
