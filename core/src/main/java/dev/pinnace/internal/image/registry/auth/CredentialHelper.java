package dev.pinnace.internal.image.registry.auth;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.spec.RegistryCredentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A program {@code docker-credential-NAME} in {@code PATH} that keeps credentials, and its
 * protocol: a verb as argument, a registry or a JSON object on its standard input, a JSON object or
 * a complaint on its standard output.
 *
 * @see <a href="https://github.com/docker/docker-credential-helpers">docker-credential-helpers</a>
 */
final class CredentialHelper {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MOST_OUTPUT = 1 << 20;
  private static final long POLL_MS = 2;
  private static final JsonFactory JSON = new JsonFactory();

  private final String program;

  CredentialHelper(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new PinnaceException(
          "\"" + name + "\" in Docker's config.json names no helper program");
    }
    this.program = "docker-credential-" + name;
  }

  /** What it has for a registry. */
  Optional<RegistryCredentials> get(String registry) {
    Answer answer = run("get", RegistryKey.of(registry));
    if (answer.code() != 0) {
      String complaint = answer.complaint();
      if (complaint.contains("credentials not found")) {
        return Optional.empty();
      }
      throw failed("get the credentials for " + registry, complaint);
    }
    JsonNode entry = parse(answer.out());
    String user = entry.path("Username").asText("");
    String secret = entry.path("Secret").asText("");
    return user.isEmpty() || secret.isEmpty()
        ? Optional.empty()
        : Optional.of(new RegistryCredentials(user, secret));
  }

  /** Has it keep credentials. */
  void store(String registry, RegistryCredentials credentials) {
    ObjectNode entry = JsonNodeFactory.instance.objectNode();
    entry.put("ServerURL", RegistryKey.of(registry));
    entry.put("Username", credentials.user());
    entry.put("Secret", credentials.secret());
    Answer answer = run("store", entry.toString());
    if (answer.code() != 0) {
      throw failed("keep the credentials for " + registry, answer.complaint());
    }
  }

  /** Has it forget; whether it had something. */
  boolean erase(String registry) {
    Answer answer = run("erase", RegistryKey.of(registry));
    if (answer.code() != 0 && !answer.complaint().contains("credentials not found")) {
      throw failed("forget the credentials for " + registry, answer.complaint());
    }
    return answer.code() == 0;
  }

  private PinnaceException failed(String what, String complaint) {
    return new PinnaceException(
        "the credential helper "
            + program
            + " could not "
            + what
            + ": "
            + (complaint.isEmpty() ? "it does not say why" : complaint.strip().replace('\n', ' ')));
  }

  private JsonNode parse(String out) {
    try (JsonParser parser = JSON.createParser(out)) {
      return JsonTree.read(parser);
    } catch (JacksonException noJson) {
      throw new PinnaceException(
          "the credential helper " + program + " answered something that is no JSON", noJson);
    } catch (IOException impossible) {
      throw new PinnaceException("cannot read what " + program + " answered", impossible);
    }
  }

  private record Answer(int code, String out, String err) {
    String complaint() {
      return (out.isEmpty() ? err : out).strip();
    }
  }

  private Answer run(String verb, String input) {
    Process process;
    try {
      process = new ProcessBuilder(program, verb).start();
    } catch (IOException missing) {
      throw new UnsupportedException(
          "the credential helper " + program,
          "it cannot be started (" + missing.getMessage() + ")",
          "install it, or take it out of Docker's config.json and log in again");
    }
    try {
      return converse(process, verb, input);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while " + program + " " + verb + " runs", e);
    } catch (IOException e) {
      throw new PinnaceException("cannot talk to " + program + ": " + e.getMessage(), e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Reads what is there and waits in between: a pipe's blocking read knows no interrupt. */
  private Answer converse(Process process, String verb, String input)
      throws IOException, InterruptedException {
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException didNotRead) {
      // A helper may answer without reading what it knows already; its answer tells.
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    boolean alive;
    do {
      alive = process.isAlive();
      boolean said = take(process.getInputStream(), out);
      boolean complained = take(process.getErrorStream(), err);
      if (alive && !said && !complained) {
        Thread.sleep(POLL_MS);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new TimedOutException(
            "the credential helper "
                + program
                + " "
                + verb
                + " did not end within "
                + LIMIT.toSeconds()
                + " s");
      }
    } while (alive);
    return new Answer(
        process.waitFor(),
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8));
  }

  private boolean take(InputStream from, ByteArrayOutputStream into) throws IOException {
    int ready = from.available();
    if (ready > 0) {
      into.write(from.readNBytes(ready));
    }
    if (into.size() > MOST_OUTPUT) {
      throw new PinnaceException("the credential helper " + program + " says too much");
    }
    return ready > 0;
  }
}
