package dev.pinnace.linux.net.nft;

import dev.pinnace.linux.net.netlink.AttributeWriter;
import dev.pinnace.linux.net.netlink.NetlinkMessage;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Changes of a table of the family {@code inet}, all of which are made or none. Not thread-safe;
 * each method returns the transaction itself.
 */
public final class NftTransaction {
  private static final int NFNL_MSG_BATCH_BEGIN = 16;
  private static final int NFNL_MSG_BATCH_END = 17;
  private static final int NFNL_SUBSYS_NFTABLES = 10;
  private static final int NFT_MSG_NEWTABLE = 0;
  private static final int NFT_MSG_DELTABLE = 2;
  private static final int NFT_MSG_NEWCHAIN = 3;
  private static final int NFT_MSG_DELRULE = 8;
  private static final int NFT_MSG_NEWRULE = 6;
  private static final int NFTA_TABLE_NAME = 1;
  private static final int NFTA_CHAIN_TABLE = 1;
  private static final int NFTA_CHAIN_NAME = 3;
  private static final int NFTA_CHAIN_HOOK = 4;
  private static final int NFTA_CHAIN_POLICY = 5;
  private static final int NFTA_CHAIN_TYPE = 7;
  private static final int NFTA_HOOK_HOOKNUM = 1;
  private static final int NFTA_HOOK_PRIORITY = 2;
  private static final int NFTA_RULE_TABLE = 1;
  private static final int NFTA_RULE_CHAIN = 2;
  private static final int NFTA_RULE_EXPRESSIONS = 4;
  private static final int NFPROTO_UNSPEC = 0;
  private static final int NFPROTO_INET = 1;
  private static final int NLM_F_ACK = 4;
  private static final int NLM_F_CREATE = 0x400;
  private static final int NLM_F_APPEND = 0x800;

  private final String table;
  private final List<NetlinkMessage> messages = new ArrayList<>();

  /** Changes of the table of that name. */
  public NftTransaction(String table) {
    this.table = table;
    messages.add(bound(NFNL_MSG_BATCH_BEGIN));
  }

  /** Makes the table where it is not there. */
  public NftTransaction addTable() {
    return add(
        NFT_MSG_NEWTABLE,
        NLM_F_CREATE,
        "add the table " + table,
        w -> w.putText(NFTA_TABLE_NAME, table));
  }

  /** Removes the table with everything in it. */
  public NftTransaction removeTable() {
    return add(
        NFT_MSG_DELTABLE, 0, "remove the table " + table, w -> w.putText(NFTA_TABLE_NAME, table));
  }

  /** Makes a chain that sees the packets of a hook; {@code policy} is for those of no rule. */
  public NftTransaction addChain(String chain, NftHook hook, NftVerdict policy) {
    return add(
        NFT_MSG_NEWCHAIN,
        NLM_F_CREATE,
        "add the chain " + chain,
        w ->
            w.putText(NFTA_CHAIN_TABLE, table)
                .putText(NFTA_CHAIN_NAME, chain)
                .nest(
                    NFTA_CHAIN_HOOK,
                    h ->
                        h.putBig(NFTA_HOOK_HOOKNUM, hook.number())
                            .putBig(NFTA_HOOK_PRIORITY, hook.priority()))
                .putBig(NFTA_CHAIN_POLICY, policy.code())
                .putText(NFTA_CHAIN_TYPE, hook.type()));
  }

  /** Removes all rules of a chain. */
  public NftTransaction clear(String chain) {
    return add(
        NFT_MSG_DELRULE,
        0,
        "remove the rules of " + chain,
        w -> w.putText(NFTA_RULE_TABLE, table).putText(NFTA_RULE_CHAIN, chain));
  }

  /** Adds a rule behind those of a chain. */
  public NftTransaction addRule(String chain, NftRule rule) {
    return add(
        NFT_MSG_NEWRULE,
        NLM_F_CREATE | NLM_F_APPEND,
        "add a rule to " + chain,
        w ->
            w.putText(NFTA_RULE_TABLE, table)
                .putText(NFTA_RULE_CHAIN, chain)
                .nest(NFTA_RULE_EXPRESSIONS, rule::write));
  }

  private NftTransaction add(int type, int flags, String text, Consumer<AttributeWriter> content) {
    messages.add(
        NetlinkMessage.of(
            NFNL_SUBSYS_NFTABLES << Byte.SIZE | type,
            flags | NLM_F_ACK,
            text,
            w -> content.accept(w.raw(new byte[] {NFPROTO_INET, 0, 0, 0}))));
    return this;
  }

  /** Struct nfgenmsg with the subsystem that the transaction is of, in the network's order. */
  private static NetlinkMessage bound(int type) {
    return NetlinkMessage.of(
        type,
        0,
        "a transaction of nftables",
        w -> w.raw(new byte[] {NFPROTO_UNSPEC, 0, 0, NFNL_SUBSYS_NFTABLES}));
  }

  /**
   * Makes the changes.
   *
   * @param socket of {@link NetlinkSocket#NETFILTER}
   * @throws dev.pinnace.linux.ErrnoException for the first that the kernel refuses
   */
  public void commit(NetlinkSocket socket) {
    List<NetlinkMessage> all = new ArrayList<>(messages);
    all.add(bound(NFNL_MSG_BATCH_END));
    socket.transact(all);
  }
}
