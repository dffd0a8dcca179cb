# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/configs.py

# make check-configs [CONFIGS='one hostile']: called by the top level, which
# makes the release it builds. Not part of `make check': ten builds.
.PHONY: check-configs
check-configs:
	$(AM_TESTS_ENVIRONMENT) \
	$(PYTHON) -B $(srcdir)/%D%/configs.py '$(TARBALL)' $(CONFIGS)
