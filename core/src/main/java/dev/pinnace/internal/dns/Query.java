package dev.pinnace.internal.dns;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** A well-formed question, as it came. */
final class Query {
  /** What a datagram has room for where the asker says nothing else (RFC 1035, 4.2.1). */
  private static final int LEAST_ROOM = 512;

  /** More is not sent to an address that anybody may have written. */
  private static final int MOST_ROOM = 16_384;

  /** No question is longer, and nothing longer is passed on. */
  static final int LONGEST = 4096;

  private final byte[] wire;
  private final Message message;

  private Query(byte[] wire, Message message) {
    this.wire = wire;
    this.message = message;
  }

  /** The question of a message; empty if it is malformed, an answer, or something else. */
  static Optional<Query> parse(byte[] wire) {
    if (wire.length > LONGEST) {
      return Optional.empty();
    }
    try {
      Message message = new Message(wire);
      Header header = message.getHeader();
      if (header.getFlag(Flags.QR)
          || header.getOpcode() != Opcode.QUERY
          || header.getCount(Section.QUESTION) != 1
          || header.getCount(Section.ANSWER) != 0
          || message.getQuestion() == null) {
        return Optional.empty();
      }
      return Optional.of(new Query(wire, message));
    } catch (IOException | RuntimeException malformed) {
      return Optional.empty(); // dnsjava throws what its parsers of records happen to throw
    }
  }

  /** As it came; not to be changed. */
  byte[] wire() {
    return wire;
  }

  int id() {
    return message.getHeader().getID();
  }

  boolean wantsRecursion() {
    return message.getHeader().getFlag(Flags.RD);
  }

  Record question() {
    return message.getQuestion();
  }

  Name name() {
    return question().getName();
  }

  int type() {
    return question().getType();
  }

  boolean isInternet() {
    return question().getDClass() == DClass.IN;
  }

  /** In lower case and without the root's dot; a dot within a label is escaped there. */
  String spelled() {
    return name().toString(true).toLowerCase(Locale.ROOT);
  }

  /** What it says of itself by EDNS (RFC 6891). */
  Optional<OPTRecord> extension() {
    return Optional.ofNullable(message.getOPT());
  }

  /** How many bytes a datagram for the asker may have. */
  int room() {
    int wanted = extension().map(OPTRecord::getPayloadSize).orElse(0);
    return Math.max(LEAST_ROOM, Math.min(MOST_ROOM, wanted));
  }
}
