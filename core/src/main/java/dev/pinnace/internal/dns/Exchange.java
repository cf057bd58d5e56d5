package dev.pinnace.internal.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DNSInput;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/**
 * A question on its way to the servers of the host. They are asked in turn, the next one before the
 * last was given up; who answers first is believed. One that cannot answer leaves it to the others.
 */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** Resolvers ask again after 5 s (resolv.conf(5), <i>timeout</i>), and are to be told before. */
  private static final long LIMIT_NANOS = 4_500_000_000L;

  private static final long NEXT_NANOS = 250_000_000L;
  private static final long NEXT_STREAM_NANOS = 1_000_000_000L;
  private static final int HEADER = 12;
  private static final int TRUNCATED = 2;
  private static final int CODE = 15;

  private final Selector selector;
  private final ByteBuffer buffer;
  private final Upstreams upstreams;
  private final Query query;
  private final boolean byStream;
  private final int id;
  private final Consumer<byte[]> reply;
  private final Deque<InetSocketAddress> untried;
  private final List<Attempt> attempts = new ArrayList<>();
  private final long begun = System.nanoTime();
  private long nextAt;
  private byte @Nullable [] lastResort;
  private boolean over;

  /**
   * Prepares it.
   *
   * @param buffer for what is received
   * @param byStream whether the asker has a connection
   * @param id that nobody can guess
   * @param reply called once
   */
  Exchange(
      Selector selector,
      ByteBuffer buffer,
      Upstreams upstreams,
      List<InetSocketAddress> servers,
      Query query,
      boolean byStream,
      int id,
      Consumer<byte[]> reply) {
    this.selector = selector;
    this.buffer = buffer;
    this.upstreams = upstreams;
    this.untried = new ArrayDeque<>(upstreams.ordered(servers));
    this.query = query;
    this.byStream = byStream;
    this.id = id;
    this.reply = reply;
  }

  void begin() {
    upstreams.due(List.copyOf(untried), begun).ifPresent(this::tryAgain);
    goOn(begun);
  }

  private void tryAgain(InetSocketAddress server) {
    upstreams.hasFailed(server, begun); // until it has answered
    untried.remove(server);
    ask(server);
  }

  /** What is sent: the question as it came, by another number. */
  byte[] request() {
    return numbered(query.wire(), id);
  }

  private static byte[] numbered(byte[] message, int number) {
    byte[] copy = message.clone();
    copy[0] = (byte) (number >> 8);
    copy[1] = (byte) number;
    return copy;
  }

  /** Whether this is an answer, and to that question. */
  boolean isAnsweredBy(byte[] answer) {
    try {
      DNSInput in = new DNSInput(answer);
      Header header = new Header(in.readByteArray(HEADER));
      return header.getID() == id
          && header.getFlag(Flags.QR)
          && header.getCount(Section.QUESTION) == 1
          && new Name(in).equals(query.name())
          && in.readU16() == query.type()
          && in.readU16() == query.question().getDClass();
    } catch (IOException | RuntimeException malformed) {
      LOG.debug("an answer to {} cannot be read", query.name(), malformed);
      return false;
    }
  }

  /** Does what is due. */
  void tick(long now) {
    if (over) {
      return;
    }
    if (now - begun > LIMIT_NANOS) {
      List.copyOf(attempts).forEach(attempt -> upstreams.hasFailed(attempt.server(), now));
      finish();
    } else if (!untried.isEmpty() && now - nextAt >= 0) {
      goOn(now);
    } else {
      List.copyOf(attempts).forEach(attempt -> again(attempt, now));
    }
  }

  private void again(Attempt attempt, long now) {
    try {
      attempt.again(now);
    } catch (IOException e) {
      attempt.failed(e);
    }
  }

  /** Asks the next one, or ends where nobody is left who could answer. */
  private void goOn(long now) {
    boolean asked = false;
    while (!asked && !untried.isEmpty()) {
      asked = ask(untried.remove());
    }
    nextAt = now + (byStream ? NEXT_STREAM_NANOS : NEXT_NANOS);
    if (!over && attempts.isEmpty()) {
      finish();
    }
  }

  private boolean ask(InetSocketAddress server) {
    try {
      attempts.add(
          byStream
              ? StreamAttempt.begin(this, server, selector)
              : DatagramAttempt.begin(this, server, selector, buffer));
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.debug("name server {} cannot be asked", server, e);
      upstreams.hasFailed(server, System.nanoTime());
      return false;
    }
  }

  void answered(Attempt attempt, byte[] answer) {
    drop(attempt);
    int code = answer[3] & CODE;
    upstreams.hasAnswered(attempt.server());
    if (code != Rcode.NOERROR && code != Rcode.NXDOMAIN) {
      lastResort = answer;
      leaveToOthers();
    } else if ((answer[2] & TRUNCATED) != 0 && attempt instanceof DatagramAttempt) {
      lastResort = answer;
      askForAll(attempt.server());
    } else {
      long now = System.nanoTime();
      attempts.stream()
          .filter(other -> other.age(now) >= NEXT_NANOS)
          .forEach(other -> upstreams.hasFailed(other.server(), now));
      lastResort = answer;
      finish();
    }
  }

  private void askForAll(InetSocketAddress server) {
    try {
      untried.clear();
      attempts.add(StreamAttempt.begin(this, server, selector));
    } catch (IOException | RuntimeException e) {
      LOG.debug("name server {} cannot be asked by TCP", server, e);
      leaveToOthers();
    }
  }

  void lost(Attempt attempt) {
    drop(attempt);
    if (lastResort == null) {
      upstreams.hasFailed(attempt.server(), System.nanoTime());
    }
    leaveToOthers();
  }

  /** Those that have been asked already may answer still. */
  private void leaveToOthers() {
    if (!over) {
      goOn(System.nanoTime());
    }
  }

  private void drop(Attempt attempt) {
    attempts.remove(attempt);
    attempt.close();
  }

  /** Gives it up. */
  void cancel() {
    over = true;
    attempts.forEach(Attempt::close);
    attempts.clear();
  }

  private void finish() {
    cancel();
    byte[] answer = lastResort;
    reply.accept(
        answer == null ? Replies.refusal(query, Rcode.SERVFAIL) : numbered(answer, query.id()));
  }
}
