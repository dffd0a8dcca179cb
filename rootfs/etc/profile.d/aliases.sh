# SPDX-License-Identifier: MIT
# Short forms for interactive shells.
alias ll='ls -l'
alias la='ls -la'
