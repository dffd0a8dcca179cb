# SPDX-License-Identifier: MIT
# sets: base
# quick: yes
apt-get --version | grep -q '^apt '
apt-cache policy bash | grep -q Installed
apt-config dump | grep -q 'APT::Architecture "amd64"'
