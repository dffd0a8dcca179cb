# SPDX-License-Identifier: MIT
# kernel.m4 - what the kernel's compiler must and may be told.
#
# The kernel is compiled by KERNEL_CC with KERNEL_CFLAGS (the user's, tuning
# only) before KERNEL_ABI_CFLAGS (ours, what the code relies on), and never
# with CFLAGS, CPPFLAGS or LDFLAGS: see kernel/Makefile.am.

# KERLA_KERNEL_CFLAG(FLAG, [VARIABLE = KERNEL_ABI_CFLAGS], [IF-NOT])
# -------------------------------------------------------------------
# Appends FLAG to VARIABLE when KERNEL_CC takes it without a warning. The
# probe has the flags found so far before it: -mcmodel=kernel, for one, is
# refused by a compiler that defaults to PIE unless -fno-pie stands first.
AC_DEFUN([KERLA_KERNEL_CFLAG],
[AS_VAR_PUSHDEF([cv], [kerla_cv_kernel_cc_[]AS_TR_SH([$1])])dnl
AC_CACHE_CHECK([whether $KERNEL_CC accepts $1], [cv],
 [kerla_save_CC=$CC kerla_save_CFLAGS=$CFLAGS kerla_save_CPPFLAGS=$CPPFLAGS
  CC=$KERNEL_CC CFLAGS="$KERNEL_ABI_CFLAGS $1 -Werror" CPPFLAGS=
  AC_COMPILE_IFELSE([AC_LANG_SOURCE(
    [[int kerla_probe; int f(int); int f(int x) { return x + kerla_probe; }]])],
    [AS_VAR_SET([cv], [yes])], [AS_VAR_SET([cv], [no])])
  CC=$kerla_save_CC CFLAGS=$kerla_save_CFLAGS CPPFLAGS=$kerla_save_CPPFLAGS])
AS_VAR_IF([cv], [yes],
 [m4_default([$2], [KERNEL_ABI_CFLAGS])="$m4_default([$2], [KERNEL_ABI_CFLAGS]) $1"],
 [$3])
AS_VAR_POPDEF([cv])])

# KERLA_KERNEL_FLAGS
# ------------------
# Sets KERNEL_ABI_CFLAGS, KERNEL_WARN_CFLAGS, KERNEL_PROTECT_CFLAGS,
# KERNEL_UBSAN_CFLAGS and VDSO_CFLAGS from the enable_* choices.
AC_DEFUN([KERLA_KERNEL_FLAGS],
[KERNEL_ABI_CFLAGS="-std=gnu17 -ffreestanding -fno-pie -fno-pic"
KERNEL_UBSAN_CFLAGS= KERNEL_WARN_CFLAGS=
AC_CACHE_CHECK([whether $KERNEL_CC compiles C17 for x86_64],
 [kerla_cv_kernel_cc_x86_64],
 [kerla_save_CC=$CC kerla_save_CFLAGS=$CFLAGS kerla_save_CPPFLAGS=$CPPFLAGS
  CC=$KERNEL_CC CFLAGS=$KERNEL_ABI_CFLAGS CPPFLAGS=
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#if !defined __x86_64__ || defined __ILP32__
# error "not x86_64"
#endif
int f(void) { int r; __asm__("xorl %0, %0" : "=r" (r)); return r; }]])],
    [kerla_cv_kernel_cc_x86_64=yes], [kerla_cv_kernel_cc_x86_64=no])
  CC=$kerla_save_CC CFLAGS=$kerla_save_CFLAGS CPPFLAGS=$kerla_save_CPPFLAGS])
AS_IF([test "x$kerla_cv_kernel_cc_x86_64" != xyes],
 [AC_MSG_ERROR([$KERNEL_CC does not compile C17 for x86_64; give KERNEL_CC=x86_64-linux-gnu-gcc or the like])])
m4_foreach_w([kerla_f], [-mcmodel=kernel -mno-red-zone -mgeneral-regs-only],
 [KERLA_KERNEL_CFLAG(kerla_f, [],
   [AC_MSG_ERROR([$KERNEL_CC does not take ]kerla_f[, which the kernel needs])])])
m4_foreach_w([kerla_f], [-fno-lto -fcf-protection=none -fno-strict-aliasing
 -fno-strict-overflow -fno-common -fno-omit-frame-pointer
 -fno-asynchronous-unwind-tables -fno-tree-vectorize -fno-ident
 -fno-delete-null-pointer-checks -fno-split-stack -fno-instrument-functions
 -fno-profile-generate],
 [KERLA_KERNEL_CFLAG(kerla_f)])
KERNEL_ABI_CFLAGS="$KERNEL_ABI_CFLAGS -U_FORTIFY_SOURCE"
# Without the protector the option must still be said: distributions make
# compilers that default to it.
KERNEL_PROTECT_CFLAGS=
KERLA_KERNEL_CFLAG([-fno-stack-protector], [KERNEL_NOPROTECT_CFLAGS])
AS_IF([test "x$enable_stack_protector" != xno],
 [KERLA_KERNEL_CFLAG([-fstack-protector-strong], [KERNEL_PROTECT_CFLAGS])
  KERLA_KERNEL_CFLAG([-mstack-protector-guard=global], [KERNEL_PROTECT_CFLAGS])
  AS_CASE([$KERNEL_PROTECT_CFLAGS],
   [*-strong*-mstack*], [enable_stack_protector=yes],
   [AS_IF([test "x$enable_stack_protector" = xyes],
     [AC_MSG_ERROR([$KERNEL_CC cannot do the stack protector with a global guard])])
    enable_stack_protector="no ($KERNEL_CC cannot do a global guard)"
    KERNEL_PROTECT_CFLAGS=])])
AS_IF([test "x$KERNEL_PROTECT_CFLAGS" = x],
 [KERNEL_PROTECT_CFLAGS=$KERNEL_NOPROTECT_CFLAGS])
AS_IF([test "x$enable_ubsan" = xyes],
 [KERLA_KERNEL_CFLAG([-fsanitize=undefined], [KERNEL_UBSAN_CFLAGS],
   [AC_MSG_ERROR([--enable-ubsan: $KERNEL_CC does not take -fsanitize=undefined])])
  KERLA_KERNEL_CFLAG([-fno-sanitize=alignment], [KERNEL_UBSAN_CFLAGS])
  KERLA_KERNEL_CFLAG([-fno-sanitize=object-size], [KERNEL_UBSAN_CFLAGS])
  # the checks' own branches make the compiler see bounds exceeded
  KERLA_KERNEL_CFLAG([-Wno-array-bounds], [KERNEL_UBSAN_CFLAGS])])
AS_IF([test "x$enable_gcc_warnings" != xno],
 [m4_foreach_w([kerla_f], [-Wall -Wextra -Wmissing-prototypes
   -Wstrict-prototypes -Wvla -Wno-unused-parameter -Wno-sign-compare
   -Wframe-larger-than=2048],
   [KERLA_KERNEL_CFLAG(kerla_f, [KERNEL_WARN_CFLAGS])])],
 [KERNEL_WARN_CFLAGS=-w])
AS_IF([test "x$enable_gcc_warnings" = xerror],
 [KERNEL_WARN_CFLAGS="$KERNEL_WARN_CFLAGS -Werror"])
VDSO_CFLAGS="-std=gnu17 -ffreestanding -fpic -O2 -g0 -fvisibility=hidden"
m4_foreach_w([kerla_f], [-fno-lto -fno-stack-protector -fcf-protection=none
 -fno-strict-aliasing -fno-common -fno-ident -fno-asynchronous-unwind-tables
 -fno-split-stack -fno-instrument-functions -fno-profile-generate
 -fno-tree-vectorize],
 [KERLA_KERNEL_CFLAG(kerla_f, [VDSO_CFLAGS])])
VDSO_CFLAGS="$VDSO_CFLAGS -mno-sse -mno-mmx -U_FORTIFY_SOURCE"
AC_SUBST([KERNEL_ABI_CFLAGS])
AC_SUBST([KERNEL_PROTECT_CFLAGS])
AC_SUBST([KERNEL_NOPROTECT_CFLAGS])
AC_SUBST([KERNEL_UBSAN_CFLAGS])
AC_SUBST([KERNEL_WARN_CFLAGS])
AC_SUBST([VDSO_CFLAGS])])
