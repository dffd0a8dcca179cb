# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/sys_dir.c %D%/sys_file.c %D%/sys_file_rw.c %D%/sys_path.c
vmkerla_elf_SOURCES += %D%/sys_handle.c %D%/sys_mount.c %D%/sys_ns.c %D%/sys_poll.c %D%/sys_stat.c %D%/sys_xattr.c
