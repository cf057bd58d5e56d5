package dev.pinnace.internal.dns;

import java.util.List;
import java.util.Optional;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** Answers that are not somebody else's. */
final class Replies {
  /** What a datagram has that is not split on any path (DNS flag day 2020). */
  private static final int OWN_ROOM = 1232;

  private static final int HEADER = 12;
  private static final int ANSWERED = 0x80;
  private static final int OPCODE_BITS = 0x78;
  private static final int WHOLE = 65_535;
  private static final int VERSION = 0;

  private Replies() {}

  /** What is known, with no records where there are none of that type. */
  static byte[] records(Query query, List<Record> answers) {
    Message reply = begin(query, Rcode.NOERROR);
    reply.getHeader().setFlag(Flags.AA);
    answers.forEach(answer -> reply.addRecord(answer, Section.ANSWER));
    return reply.toWire(WHOLE);
  }

  /** That there is no answer, and why ({@link Rcode}). */
  static byte[] refusal(Query query, int code) {
    return begin(query, code).toWire(WHOLE);
  }

  /** An answer as it fits into a datagram: what is too large is to be asked for by TCP. */
  static byte[] fit(Query query, byte[] answer) {
    if (answer.length <= query.room()) {
      return answer;
    }
    Message reply = begin(query, answer[3] & 15);
    reply.getHeader().setFlag(Flags.TC);
    return reply.toWire(WHOLE);
  }

  /** To what is no question that can be read; empty where it may be an answer. */
  static Optional<byte[]> toMalformed(byte[] wire) {
    if (wire.length < HEADER || (wire[2] & ANSWERED) != 0) {
      return Optional.empty();
    }
    int opcode = (wire[2] & OPCODE_BITS) >> 3;
    byte[] reply = new byte[HEADER];
    reply[0] = wire[0];
    reply[1] = wire[1];
    reply[2] = (byte) (ANSWERED | (wire[2] & OPCODE_BITS));
    reply[3] = (byte) (opcode == Opcode.QUERY ? Rcode.FORMERR : Rcode.NOTIMP);
    return Optional.of(reply);
  }

  /** Whether it asks for a version of EDNS that nobody has. */
  static boolean isTooNew(Query query) {
    return query.extension().map(OPTRecord::getVersion).orElse(VERSION) > VERSION;
  }

  private static Message begin(Query query, int code) {
    Message reply = new Message(query.id());
    Header header = reply.getHeader();
    header.setFlag(Flags.QR);
    header.setFlag(Flags.RA);
    if (query.wantsRecursion()) {
      header.setFlag(Flags.RD);
    }
    header.setRcode(code & 15);
    reply.addRecord(query.question(), Section.QUESTION);
    query
        .extension()
        .ifPresent(
            asked ->
                reply.addRecord(
                    new OPTRecord(
                        OWN_ROOM, code >> 4, VERSION, asked.getFlags() & ExtendedFlags.DO),
                    Section.ADDITIONAL));
    return reply;
  }
}
