package dev.pinnace.linux.net.relay;

import java.nio.ByteBuffer;

/**
 * What a relay has at a moment, and has carried since its start.
 *
 * @param flows connections, and addresses that send datagrams
 * @param datagrams how many of these are addresses that send datagrams
 * @param mostFlows more than so many there cannot be
 * @param listeners publications and outbound sockets
 * @param holders processes that it lives for
 * @param accepted flows that were begun
 * @param refused flows that could not be begun, as there was no target, or it refused
 * @param dropped datagrams that were not passed on
 * @param bytesFromNear what came from those who began the flows
 * @param bytesFromFar what came back
 */
public record RelayState(
    int flows,
    int datagrams,
    int mostFlows,
    int listeners,
    int holders,
    long accepted,
    long refused,
    long dropped,
    long bytesFromNear,
    long bytesFromFar) {

  static RelayState of(ByteBuffer payload) {
    return new RelayState(
        payload.getInt(0),
        payload.getInt(4),
        payload.getInt(8),
        payload.getInt(12),
        payload.getInt(16),
        payload.getLong(24),
        payload.getLong(32),
        payload.getLong(40),
        payload.getLong(48),
        payload.getLong(56));
  }
}
