/** Linux system calls as typed Java methods: the only module of Pinnace that knows JNA. */
@SuppressWarnings({"module", "requires-automatic"})
module dev.pinnace.linux {
  requires com.sun.jna;
  requires static transitive org.jspecify;

  exports dev.pinnace.linux to
      dev.pinnace;
  exports dev.pinnace.linux.compress to
      dev.pinnace;
  exports dev.pinnace.linux.file to
      dev.pinnace;
  exports dev.pinnace.linux.net to
      dev.pinnace;
  exports dev.pinnace.linux.net.netlink to
      dev.pinnace;
  exports dev.pinnace.linux.net.nft to
      dev.pinnace;
  exports dev.pinnace.linux.net.relay to
      dev.pinnace;
  exports dev.pinnace.linux.net.route to
      dev.pinnace;
  exports dev.pinnace.linux.plan to
      dev.pinnace;
  exports dev.pinnace.linux.process to
      dev.pinnace;
  exports dev.pinnace.linux.seccomp to
      dev.pinnace;
  exports dev.pinnace.linux.tty to
      dev.pinnace;
}
