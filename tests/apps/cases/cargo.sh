# SPDX-License-Identifier: MIT
# sets: base cargo gcc
# limit: 300
set -e
cargo --version; rustc --version
cd /tmp; cargo init -q --vcs none --name hello hc; cd hc; cargo build -q --offline; ./target/debug/hello | grep -q Hello
