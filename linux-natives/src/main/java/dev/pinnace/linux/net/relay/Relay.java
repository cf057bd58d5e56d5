package dev.pinnace.linux.net.relay;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.Pidfd;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A relay that this JVM has started: its process, and the first connection to it, which it lives
 * for until that ends.
 *
 * @param process the relay; it is no child of this JVM
 * @param client closed, the relay ends unless others hold it
 */
public record Relay(Pidfd process, RelayClient client) implements AutoCloseable {
  private static final int LISTEN = 3;
  private static final int FIRST_CLIENT = 4;
  private static final int NETWORK = 5;
  private static final int USER = 6;
  private static final int LOCK = 7;

  /** What a relay was doing when it could not start; its protocol numbers them. */
  private static final String[] STAGES = {"relay", "clone3", "setns", "setns"};

  /**
   * What a relay is given.
   *
   * @param listening where further clients connect to. It becomes the relay's alone, and is closed
   *     here: whoever connects to a relay that has ended is to be refused, not to wait
   * @param network the router's network namespace; empty: the relay makes one
   * @param user the user namespace that owns it, which an ordinary user needs; empty: this JVM's
   * @param lock a descriptor that the relay holds as long as it lives, with the lock on it
   */
  public record Given(
      UnixSocket listening, Optional<Fd> network, Optional<Fd> user, Optional<Fd> lock) {}

  /**
   * Starts a relay, and waits until it serves.
   *
   * @throws ErrnoException what could not be done, {@code setns(the router's network namespace):
   *     EPERM}; then nothing is left of it
   */
  public static Relay start(Launcher launcher, Given given) {
    UnixSocket.Pair pair = UnixSocket.pair();
    RelayClient client = new RelayClient(pair.left());
    try (UnixSocket theirs = pair.right();
        UnixSocket door = given.listening()) {
      SortedMap<Integer, Fd> descriptors = new TreeMap<>();
      descriptors.put(LISTEN, door.fd());
      descriptors.put(FIRST_CLIENT, theirs.fd());
      Fd none = door.fd(); // in the place of each that there is not
      descriptors.put(NETWORK, given.network().orElse(none));
      descriptors.put(USER, given.user().orElse(none));
      descriptors.put(LOCK, given.lock().orElse(none));
      launcher.start(descriptors).leave();
    } catch (RuntimeException refusal) {
      client.close();
      throw refusal;
    }
    return started(client, given);
  }

  private static Relay started(RelayClient client, Given given) {
    try {
      RelayFrame frame = client.next("start");
      if (frame.type() != RelayFrame.STARTED) {
        frame.drop();
        int stage = frame.word(1);
        String call = stage == 3 && given.network().isEmpty() ? "unshare" : STAGES[stage];
        throw new ErrnoException(
            call,
            frame.word(0),
            stage == 2 ? "the router's user namespace" : "the router's network namespace");
      }
      frame.descriptors().stream().skip(1).forEach(Fd::close);
      return new Relay(new Pidfd(frame.descriptors().get(0)), client);
    } catch (RuntimeException refusal) {
      client.close();
      throw refusal;
    }
  }

  /** Ends the connection; the relay ends if nobody else holds it. */
  @Override
  public void close() {
    client.close();
    process.close();
  }
}
