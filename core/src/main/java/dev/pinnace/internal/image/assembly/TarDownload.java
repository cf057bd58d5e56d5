package dev.pinnace.internal.image.assembly;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Transport;
import dev.pinnace.internal.image.registry.http.UserInfo;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import dev.pinnace.linux.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** Brings one file by HTTP; see {@link TarDownloads#of}. */
public final class TarDownload {
  private static final int BUFFER = 1 << 16;
  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;

  private final URI source;
  private final Optional<String> authorization;
  private final Client client;
  private final UnpackLimit.Source limits;

  /** What requests are sent by. */
  interface Client {
    Transport get() throws IOException;
  }

  TarDownload(URI given, Client client, UnpackLimit.Source limits) {
    String scheme = String.valueOf(given.getScheme());
    if (!(scheme.equals("http") || scheme.equals("https")) || given.getHost() == null) {
      throw new InvalidSpecException(
          UserInfo.hidden(given.toString())
              + " cannot be imported: give a URL of http or https, a file, or a stream");
    }
    this.authorization = Optional.ofNullable(given.getRawUserInfo()).map(UserInfo::basic);
    this.source =
        given.getRawUserInfo() == null ? given : URI.create(UserInfo.without(given.toString()));
    this.client = client;
    this.limits = limits;
  }

  /** Where it comes from, without what should not be shown: user and password. */
  public String origin() {
    return source.getScheme()
        + "://"
        + source.getHost()
        + (source.getPort() < 0 ? "" : ":" + source.getPort())
        + Optional.ofNullable(source.getRawPath()).orElse("");
  }

  /**
   * Writes the file, which its caller removes in any case.
   *
   * @throws InvalidSpecException when there is no room for it
   */
  public void to(Path file) throws IOException {
    UnpackLimit limit = limits.in(Objects.requireNonNull(file.getParent()));
    try (Response answer = ask()) {
      check(answer);
      write(answer.body(), file, limit);
    } catch (IOException failure) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException("interrupted while downloading " + origin(), failure);
      }
      if (failure instanceof SocketTimeoutException) {
        throw new TimedOutException(
            "cannot download " + origin() + ": " + failure.getMessage() + "; try again");
      }
      throw new IOException("cannot download " + origin() + ": " + Reasons.of(failure), failure);
    }
  }

  /** The answer of the place that has the file; credentials go to the first origin alone. */
  private Response ask() throws IOException {
    Transport transport = client.get();
    Origin home = Origin.of(source);
    try {
      return Redirects.follow(
          Request.of("GET", source),
          next -> {
            boolean stays = Origin.of(next.target()).equals(home);
            Optional<String> told = stays ? authorization : Optional.empty();
            try {
              return transport.exchange(
                  told.map(value -> next.with("Authorization", value)).orElse(next));
            } catch (IOException failure) {
              throw new UncheckedIOException(failure);
            }
          });
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
  }

  private void check(Response answer) {
    if (answer.status() == OK) {
      return;
    }
    String why = "";
    if (answer.status() == UNAUTHORIZED) {
      why =
          authorization.isPresent()
              ? ", for it does not know that user or password"
              : ": give a user and a password, as in http://USER:PASSWORD@HOST/PATH";
    }
    throw new RegistryException(
        "cannot download " + origin() + ": the server answers " + answer.status() + why,
        answer.status());
  }

  private void write(InputStream body, Path file, UnpackLimit limit) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long size = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int got = body.read(buffer); got >= 0; got = body.read(buffer)) {
        size += got;
        limit.check(size, size, origin());
        out.write(buffer, 0, got);
      }
    }
  }
}
