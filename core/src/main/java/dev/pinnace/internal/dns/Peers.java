package dev.pinnace.internal.dns;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Who asks, and whom they may find. Asked anew for each question, by one thread. */
public interface Peers {
  /** The container that has an address; empty where none has. */
  Optional<Asker> at(InetAddress source);

  /** A container, and what there is in its networks. */
  interface Asker {
    /**
     * The addresses of those that run and go by a name; none where it is nobody's.
     *
     * @param name in lower case, without a dot at its end
     */
    List<InetAddress> addresses(String name);

    /** Whether an address is of one of its networks, whoever has it. */
    boolean isNear(InetAddress address);

    /** What the container at an address that is near is called; empty where none runs. */
    Optional<String> name(InetAddress address);

    /** Whether it reaches nothing outside its networks, so that names from there are of no use. */
    boolean isEnclosed();

    /** The servers that it was given; empty: it has the host's. */
    Optional<List<InetAddress>> servers();
  }
}
