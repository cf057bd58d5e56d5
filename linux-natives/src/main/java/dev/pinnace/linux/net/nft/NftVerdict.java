package dev.pinnace.linux.net.nft;

/** What becomes of a packet (NF_DROP and NF_ACCEPT of linux/netfilter.h). */
public enum NftVerdict {
  DROP(0),
  ACCEPT(1);

  private final int code;

  NftVerdict(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
