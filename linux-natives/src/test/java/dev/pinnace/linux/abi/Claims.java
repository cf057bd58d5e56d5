package dev.pinnace.linux.abi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Everything that Java believes of the kernel's headers on one architecture. */
final class Claims {
  /** Fields that are no constant of a header. */
  private static final Set<String> OWN =
      Set.of(
          "RawMode.TERMIOS_SIZE",
          "UnixSocket.MAX_MESSAGE",
          "UnixSocket.MAX_DESCRIPTORS",
          "Epoll.BATCH",
          "Epoll.WAKE",
          "Spawn.ABOVE_TARGETS",
          "Spawn.FILE_ACTIONS",
          "Fd.CLOSED",
          "FileStat.SIZE",
          "FileStat.MASK",
          "Dir.IN_ROOT",
          "Dir.RACES",
          "DeviceFilter.SIZE",
          "FilterCompiler.X32_FIRST",
          "BpfProgram.MAX_INSTRUCTIONS",
          "AttributeWriter.LONGEST",
          "TransparentRoutes.TABLE",
          "NftRule.SOURCE4",
          "NftRule.SOURCE6",
          "NftRule.DESTINATION4",
          "NftRule.DESTINATION6",
          "InternetSocket.BACKLOG",
          "NetlinkSocket.BUFFER",
          "NetlinkSocket.ATTEMPTS");

  /** Fields that are called otherwise in C. */
  private static final Map<String, String> IN_C =
      Map.ofEntries(
          Map.entry("Fcntl.OPEN_HOW_SIZE", "sizeof(struct open_how)"),
          Map.entry("Fcntl.FLOCK_SIZE", "sizeof(struct flock)"),
          Map.entry("MountApi.MOUNT_ATTR_SIZE", "sizeof(struct mount_attr)"),
          Map.entry("MountApi.MOUNT_ATTR_ATIME", "MOUNT_ATTR__ATIME"),
          Map.entry("ProjectQuota.FSXATTR_SIZE", "sizeof(struct fsxattr)"),
          Map.entry("ProjectQuota.DQBLK_SIZE", "sizeof(struct if_dqblk)"),
          Map.entry("ProjectQuota.QSTAT_SIZE", "sizeof(struct fs_quota_stat)"),
          Map.entry("ProjectQuota.QS_FLAGS", "offsetof(struct fs_quota_stat, qs_flags)"),
          Map.entry("FileSystemInfo.SIZE", "sizeof(struct statfs)"),
          Map.entry("Epoll.READABLE", "EPOLLIN"),
          Map.entry("Epoll.WRITABLE", "EPOLLOUT"),
          Map.entry("DeviceFilter.PROG_TYPE", "offsetof(union bpf_attr, prog_type)"),
          Map.entry("DeviceFilter.INSTRUCTION_COUNT", "offsetof(union bpf_attr, insn_cnt)"),
          Map.entry("DeviceFilter.INSTRUCTIONS", "offsetof(union bpf_attr, insns)"),
          Map.entry("DeviceFilter.LICENSE", "offsetof(union bpf_attr, license)"),
          Map.entry("Epoll.HANGUP", "EPOLLHUP"),
          Map.entry("Epoll.CLOEXEC", "EPOLL_CLOEXEC"),
          Map.entry("Epoll.NONBLOCK", "EFD_NONBLOCK"),
          Map.entry("Epoll.ADD", "EPOLL_CTL_ADD"),
          Map.entry("Epoll.DELETE", "EPOLL_CTL_DEL"),
          Map.entry("Epoll.EVENT", "sizeof(struct epoll_event)"),
          Map.entry("Epoll.DATA", "offsetof(struct epoll_event, data)"),
          Map.entry("Pipe.CLOEXEC", "O_CLOEXEC"),
          Map.entry("Tty.WINSIZE_SIZE", "sizeof(struct winsize)"),
          Map.entry("Pidfd.SI_PID", "offsetof(siginfo_t, si_pid)"),
          Map.entry("Spawn.O_RDWR_CLOEXEC", "O_RDWR|O_CLOEXEC"),
          Map.entry("InternetSocket.SIN_PORT", "offsetof(struct sockaddr_in, sin_port)"),
          Map.entry("InternetSocket.SIN_ADDR", "offsetof(struct sockaddr_in, sin_addr)"),
          Map.entry("InternetSocket.SIN_SIZE", "sizeof(struct sockaddr_in)"),
          Map.entry("InternetSocket.SIN6_ADDR", "offsetof(struct sockaddr_in6, sin6_addr)"),
          Map.entry("InternetSocket.SIN6_SIZE", "sizeof(struct sockaddr_in6)"),
          Map.entry("UnixSocket.SEQPACKET", "SOCK_SEQPACKET"),
          Map.entry("UnixSocket.CLOEXEC", "SOCK_CLOEXEC"),
          Map.entry("UnixSocket.NONBLOCK", "SOCK_NONBLOCK"),
          Map.entry("UnixSocket.MAX_PATH", "sizeof(((struct sockaddr_un *) 0)->sun_path) - 1"),
          Map.entry("UnixSocket.MSGHDR", "sizeof(struct msghdr)"),
          Map.entry("UnixSocket.IOVEC", "sizeof(struct iovec)"),
          Map.entry("UnixSocket.CMSGHDR", "CMSG_LEN(0)"),
          Map.entry("AttributeWriter.HEADER", "NLA_HDRLEN"),
          Map.entry("AttributeWriter.NESTED", "NLA_F_NESTED"),
          Map.entry("Attributes.HEADER", "NLA_HDRLEN"),
          Map.entry("Attributes.TYPE", "NLA_TYPE_MASK & 0xFFFF"),
          Map.entry("NetlinkMessage.CREATE", "NLM_F_CREATE|NLM_F_EXCL"),
          Map.entry("NetlinkMessage.HEADER", "sizeof(struct nlmsghdr)"),
          Map.entry("NetlinkSocket.ROUTE", "NETLINK_ROUTE"),
          Map.entry("NetlinkSocket.NETFILTER", "NETLINK_NETFILTER"),
          Map.entry("NetlinkSocket.ERROR", "sizeof(struct nlmsgerr)"),
          Map.entry("Link.STRUCTURE", "sizeof(struct ifinfomsg)"),
          Map.entry("Links.LONGEST_NAME", "IFNAMSIZ - 1"),
          Map.entry("Addresses.STRUCTURE", "sizeof(struct ifaddrmsg)"),
          Map.entry("Routes.STRUCTURE", "sizeof(struct rtmsg)"),
          Map.entry("FilterCompiler.NUMBER", "offsetof(struct seccomp_data, nr)"),
          Map.entry("FilterCompiler.ARCHITECTURE", "offsetof(struct seccomp_data, arch)"),
          Map.entry("BpfProgram.INSTRUCTION_BYTES", "sizeof(struct sock_filter)"),
          Map.entry("BpfProgram.LOAD", "BPF_LD|BPF_W|BPF_ABS"),
          Map.entry("BpfProgram.JUMP", "BPF_JMP|BPF_JA"),
          Map.entry("BpfProgram.JUMP_EQ", "BPF_JMP|BPF_JEQ|BPF_K"),
          Map.entry("BpfProgram.JUMP_GE", "BPF_JMP|BPF_JGE|BPF_K"),
          Map.entry("BpfProgram.JUMP_SET", "BPF_JMP|BPF_JSET|BPF_K"),
          Map.entry("BpfProgram.AND", "BPF_ALU|BPF_AND|BPF_K"),
          Map.entry("BpfProgram.RETURN", "BPF_RET|BPF_K"),
          Map.entry("SeccompAction.ERRNO", "SECCOMP_RET_ERRNO"),
          Map.entry("SeccompAction.TRACE", "SECCOMP_RET_TRACE"),
          Map.entry("SeccompAction.MAX_ERRNO", "4095"));

  /** A field {@code STX_MODE} is the offset of {@code stx_mode} in this structure. */
  private static final Map<String, String> STRUCTURES =
      Map.ofEntries(
          Map.entry("FileStat.STX_", "struct statx"),
          Map.entry("FileSystemInfo.F_", "struct statfs"),
          Map.entry("Dir.D_", "struct dirent64"),
          Map.entry("RawMode.C_", "struct termios"),
          Map.entry("UnixSocket.MSG_IOV", "struct msghdr"),
          Map.entry("UnixSocket.MSG_CONTROL", "struct msghdr"),
          Map.entry("UnixSocket.MSG_FLAGS", "struct msghdr"),
          Map.entry("UnixSocket.IOV_", "struct iovec"),
          Map.entry("UnixSocket.CMSG_", "struct cmsghdr"),
          Map.entry("ProjectQuota.FSX_", "struct fsxattr"),
          Map.entry("ProjectQuota.DQB_", "struct if_dqblk"));

  /** File systems whose constant has no _SUPER_MAGIC, or none in linux/magic.h. */
  private static final Map<String, String> MAGIC =
      Map.ofEntries(
          Map.entry("TMPFS", "TMPFS_MAGIC"),
          Map.entry("V9FS", "V9FS_MAGIC"),
          Map.entry("RAMFS", "RAMFS_MAGIC"),
          Map.entry("SQUASHFS", "SQUASHFS_MAGIC"),
          Map.entry("SYSFS", "SYSFS_MAGIC"),
          Map.entry("NSFS", "NSFS_MAGIC"),
          Map.entry("EROFS", "EROFS_SUPER_MAGIC_V1"),
          Map.entry("ZFS", "0x2FC12FC1"),
          Map.entry("MQUEUE", "0x19800202"),
          Map.entry("DEBUGFS", "DEBUGFS_MAGIC"),
          Map.entry("TRACEFS", "TRACEFS_MAGIC"),
          Map.entry("SECURITYFS", "SECURITYFS_MAGIC"),
          Map.entry("BPF", "BPF_FS_MAGIC"),
          Map.entry("BINFMT", "BINFMTFS_MAGIC"),
          Map.entry("EFIVARS", "EFIVARFS_MAGIC"),
          Map.entry("PSTORE", "PSTOREFS_MAGIC"),
          Map.entry("SELINUX", "SELINUX_MAGIC"),
          Map.entry("CONFIGFS", "0x62656570"));

  private static final Set<String> NEWER = Set.of("MFD_EXEC", "MFD_NOEXEC_SEAL");

  private final JavaSide java;
  private final List<Claim> claims = new ArrayList<>();

  private Claims(JavaSide java) {
    this.java = java;
  }

  static List<Claim> of(JavaSide java) throws ReflectiveOperationException {
    Claims all = new Claims(java);
    all.planConstants();
    for (String type :
        List.of(
            "Epoll",
            "Errno",
            "Fd",
            "Pipe",
            "file.Dir",
            "file.Fcntl",
            "file.FileStat",
            "file.FileSystemInfo",
            "file.FileType",
            "file.Memfd",
            "file.MountApi",
            "file.PrivateMount",
            "file.ProjectQuota",
            "internal.jna.Spawn",
            "internal.jna.Sys",
            "net.InternetSocket",
            "net.NetworkNamespace",
            "net.UnixSocket",
            "net.netlink.AttributeWriter",
            "net.netlink.Attributes",
            "net.netlink.NetlinkMessage",
            "net.netlink.NetlinkSocket",
            "net.nft.NftRule",
            "net.nft.NftTransaction",
            "net.route.Addresses",
            "net.route.Link",
            "net.route.Links",
            "net.route.Routes",
            "net.route.TransparentRoutes",
            "process.DeviceFilter",
            "process.Pidfd",
            "seccomp.BpfProgram",
            "seccomp.FilterCompiler",
            "seccomp.SeccompAction",
            "tty.PtyPair",
            "tty.RawMode",
            "tty.Tty")) {
      all.integers(type);
    }
    all.enums();
    all.structures();
    return all.claims;
  }

  private void planConstants() throws ReflectiveOperationException {
    Object named = java.load("plan.Constants").getMethod("all").invoke(null);
    for (Object constant : (Collection<?>) named) {
      String name = constant.getClass().getMethod("name").invoke(constant).toString();
      add("Constants." + name, name, JavaSide.number(constant, "value"));
    }
  }

  private void integers(String type) {
    String simple = type.substring(type.lastIndexOf('.') + 1);
    java.integers(type)
        .forEach(
            (field, value) -> {
              String where = simple + "." + field;
              if (!OWN.contains(where)) {
                add(where, inC(where, field), value);
              }
            });
  }

  private static String inC(String where, String field) {
    String known = IN_C.get(where);
    if (known != null) {
      return known;
    }
    for (Map.Entry<String, String> structure : STRUCTURES.entrySet()) {
      if (where.startsWith(structure.getKey())) {
        return offset(structure.getValue(), field.toLowerCase(Locale.ROOT));
      }
    }
    if (where.startsWith("FileSystemInfo.")) {
      return MAGIC.getOrDefault(field, field + "_SUPER_MAGIC");
    }
    return field;
  }

  private void enums() {
    java.constants("process.Capability", "number")
        .forEach((name, value) -> add("Capability." + name, "CAP_" + name, value));
    java.constants("net.nft.NftVerdict", "code")
        .forEach((name, value) -> add("NftVerdict." + name, "NF_" + name, value));
    java.constants("file.FileType", "bits").forEach(this::fileType);
    java.constants("file.FileType", "dirent")
        .forEach((name, value) -> add("FileType." + name + " dirent", "DT_" + inC(name), value));
    String machine = "Kernel$Architecture";
    java.constants(machine, "elf").forEach((name, value) -> add(name, "EM_" + name, value));
    java.constants(machine, "audit")
        .forEach((name, value) -> add(name + " audit", "(int) AUDIT_ARCH_" + name, value));
  }

  private void fileType(String name, long bits) {
    if (!name.equals("UNKNOWN")) {
      add("FileType." + name, name.equals("FIFO") ? "S_IFIFO" : "S_IF" + inC(name), bits);
    }
  }

  private static String inC(String fileType) {
    return switch (fileType) {
      case "CHARACTER_DEVICE" -> "CHR";
      case "DIRECTORY" -> "DIR";
      case "BLOCK_DEVICE" -> "BLK";
      case "REGULAR" -> "REG";
      case "SYMLINK" -> "LNK";
      case "SOCKET" -> "SOCK";
      default -> fileType;
    };
  }

  /** What is built field by field: sizes that code or plans have as numbers. */
  private void structures() {
    size("siginfo_t", 128);
    size("struct flock", 32);
    at("struct flock", "l_type", 0);
    at("struct flock", "l_start", 8);
    at("struct flock", "l_len", 16);
    at("struct flock", "l_pid", 24);
    at("struct open_how", "mode", 8);
    at("struct open_how", "resolve", 16);
    at("struct mount_attr", "attr_clr", 8);
    at("struct mount_attr", "propagation", 16);
    at("struct mount_attr", "userns_fd", 24);
    at("struct sockaddr_un", "sun_path", 2);
    size("struct ucred", 12);
    at("struct ucred", "uid", 4);
    size("struct timespec", 16);
    size("struct rlimit64", 16);
    at("struct rlimit64", "rlim_max", 8);
    size("struct ifreq", 40);
    at("struct ifreq", "ifr_flags", 16);
    at("struct ifinfomsg", "ifi_index", 4);
    at("struct ifinfomsg", "ifi_flags", 8);
    at("struct ifinfomsg", "ifi_change", 12);
    at("struct ifaddrmsg", "ifa_prefixlen", 1);
    at("struct ifaddrmsg", "ifa_index", 4);
    at("struct rtmsg", "rtm_dst_len", 1);
    at("struct rtmsg", "rtm_table", 4);
    at("struct rtmsg", "rtm_protocol", 5);
    at("struct rtmsg", "rtm_scope", 6);
    at("struct rtmsg", "rtm_type", 7);
    size("struct fib_rule_hdr", 12);
    at("struct fib_rule_hdr", "table", 4);
    at("struct fib_rule_hdr", "action", 7);
    at("struct nlmsghdr", "nlmsg_type", 4);
    at("struct nlmsghdr", "nlmsg_flags", 6);
    at("struct nlmsghdr", "nlmsg_seq", 8);
    at("struct rtnl_link_stats64", "tx_dropped", 56);
    size("struct __user_cap_header_struct", 8);
    size("struct __user_cap_data_struct", 12);
    add("capset(2) version", "_LINUX_CAPABILITY_VERSION_3", 0x20080522);
    size("struct statx", java.integer("file.FileStat", "SIZE"));
    at("struct seccomp_data", "args", java.integer("seccomp.ArgumentTests", "ARGUMENTS"));
    at("struct sock_filter", "jt", 2);
    at("struct sock_filter", "jf", 3);
    at("struct sock_filter", "k", 4);
    long ours = java.integer("internal.jna.Spawn", "FILE_ACTIONS");
    add("Spawn.FILE_ACTIONS is enough", "sizeof(posix_spawn_file_actions_t) <= " + ours, 1);
  }

  private void size(String structure, long value) {
    add("size of " + structure, "sizeof(" + structure + ")", value);
  }

  private void at(String structure, String field, long value) {
    add(structure + "." + field, offset(structure, field), value);
  }

  private static String offset(String structure, String field) {
    return "offsetof(" + structure + ", " + field + ")";
  }

  private void add(String where, String expression, long value) {
    claims.add(new Claim(where, expression, value, NEWER.contains(expression)));
  }
}
