# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/aio.c %D%/aio_req.c %D%/attr.c %D%/dcache.c %D%/dcache_move.c %D%/dcache_tree.c
vmkerla_elf_SOURCES += %D%/dpath.c %D%/epoll.c
vmkerla_elf_SOURCES += %D%/eventfd.c %D%/fcntl.c %D%/fdtable.c %D%/file.c
vmkerla_elf_SOURCES += %D%/filemap.c %D%/fs_context.c %D%/inode.c %D%/inotify.c %D%/libfs.c
vmkerla_elf_SOURCES += %D%/lease.c %D%/locks.c %D%/lookup.c %D%/mount.c %D%/mount_ops.c
vmkerla_elf_SOURCES += %D%/mnt_ns.c %D%/fhandle.c %D%/fsopen.c %D%/protect.c %D%/mount_fd.c %D%/mount_tree.c %D%/nsfs.c %D%/propagate.c
vmkerla_elf_SOURCES += %D%/mount_show.c %D%/namei.c %D%/namei_ops.c %D%/open.c
vmkerla_elf_SOURCES += %D%/pipe.c %D%/poll.c %D%/pseudo.c %D%/readdir.c
vmkerla_elf_SOURCES += %D%/rw.c %D%/signalfd.c %D%/splice.c %D%/super.c %D%/timerfd.c %D%/xattr.c
vmkerla_elf_SOURCES += %D%/aio.h %D%/dcache.h %D%/internal.h %D%/locks.h %D%/mount.h %D%/pipe.h
