package dev.pinnace.internal.image.registry.auth;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.spec.RegistryCredentials;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts {@code Authorization} on requests to one registry, in the way that its last challenge asked
 * for. Tokens are kept by scope. Thread-safe: who needs a token that another thread is fetching
 * waits for it.
 */
public final class Authorizer {
  /** Far more than any realm, service or scope there is. */
  private static final int LONGEST_PARAMETER = 4096;

  private final Retrying http;
  private final Origin registry;
  private final Supplier<Known> credentials;
  private final Map<NavigableSet<String>, Token> tokens = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Challenge challenge;
  private volatile Optional<String> obstacle = Optional.empty();

  /**
   * @param registry the only place that is shown credentials
   * @param credentials asked when there is need of them
   */
  public Authorizer(Retrying http, Origin registry, Supplier<Known> credentials) {
    this.http = http;
    this.registry = registry;
    this.credentials = credentials;
  }

  /** How a request is sent; the answer may be any. */
  @FunctionalInterface
  public interface Sending {
    /** Sends it. */
    Response send(Request request);
  }

  /**
   * Sends a request, with a token for {@code scopes} once it is known that one is needed, and again
   * when the registry wants another.
   *
   * @return the answer; 401 when nothing that is known helps. A refusal says why credentials may be
   *     unknown.
   */
  public Response send(Request request, Set<String> scopes, Sending sending) {
    Response answer = answer(request, scopes, sending);
    boolean refused = answer.status() == 401 || answer.status() == 403;
    return refused ? answer.with(obstacle) : answer;
  }

  private Response answer(Request request, Set<String> scopes, Sending sending) {
    NavigableSet<String> wanted = new TreeSet<>(scopes);
    Optional<String> first = known(wanted);
    Response response = sending.send(with(request, first));
    if (response.status() != 401) {
      return response;
    }
    Optional<Challenge> chosen;
    try {
      chosen = choose(response.headers().all("WWW-Authenticate"));
    } catch (RegistryException excessive) {
      response.discard();
      throw excessive;
    }
    if (chosen.isEmpty()) {
      return response;
    }
    if (chosen.get().scheme().equals("basic") && first.filter(this::isBasic).isPresent()) {
      return response;
    }
    challenge = chosen.get();
    List.of(chosen.get().parameter("scope").split(" ", -1)).stream()
        .filter(scope -> !scope.isEmpty())
        .forEach(wanted::add);
    forget(first);
    Optional<String> second;
    try {
      second = known(wanted);
    } catch (RuntimeException | Error failure) {
      response.discard();
      throw failure;
    }
    if (second.isEmpty()) {
      return response;
    }
    response.discard();
    remember(new TreeSet<>(scopes), wanted);
    return sending.send(with(request, second));
  }

  private boolean isBasic(String authorization) {
    return authorization.startsWith("Basic ");
  }

  private static Request with(Request request, Optional<String> authorization) {
    return authorization.map(value -> request.with("Authorization", value)).orElse(request);
  }

  private Optional<Challenge> choose(List<String> wwwAuthenticate) {
    List<Challenge> offered = Challenge.parse(wwwAuthenticate);
    Optional<Challenge> chosen =
        offered.stream()
            .filter(one -> one.scheme().equals("bearer"))
            .findFirst()
            .or(() -> offered.stream().filter(one -> one.scheme().equals("basic")).findFirst());
    chosen.ifPresent(this::checkLengths);
    return chosen;
  }

  /** What it says becomes part of addresses and messages. */
  private void checkLengths(Challenge asked) {
    asked
        .parameters()
        .forEach(
            (name, value) -> {
              if (value.length() > LONGEST_PARAMETER) {
                throw new RegistryException(
                    registry
                        + " asks for a login with a "
                        + name
                        + " of "
                        + value.length()
                        + " characters, more than "
                        + LONGEST_PARAMETER
                        + ": that is refused; ask whoever runs it",
                    null);
              }
            });
  }

  private Optional<String> known(NavigableSet<String> scopes) {
    Challenge asked = challenge;
    if (asked == null) {
      return Optional.empty();
    }
    return asked.scheme().equals("basic")
        ? lookUp().user().map(TokenServer::basic)
        : Optional.of("Bearer " + token(asked, scopes).value());
  }

  private Token token(Challenge asked, NavigableSet<String> scopes) {
    return locked(
        () -> {
          Token kept = tokens.get(scopes);
          if (kept == null || !kept.isFresh()) {
            tokens.values().removeIf(token -> !token.isFresh());
            kept = fetch(asked, scopes, false);
            tokens.put(new TreeSet<>(scopes), kept);
          }
          return kept;
        });
  }

  private Token fetch(Challenge asked, NavigableSet<String> scopes, boolean offline) {
    TokenServer server = new TokenServer(http, registry, asked);
    Known known = lookUp();
    return known
        .user()
        .map(user -> server.of(user, scopes, offline))
        .orElseGet(() -> server.anonymous(scopes, known.obstacle()));
  }

  private Known lookUp() {
    Known known = credentials.get();
    obstacle = known.obstacle();
    return known;
  }

  /** A token that was refused is not used again. */
  private void forget(Optional<String> refused) {
    Boolean unused =
        locked(
            () ->
                tokens
                    .values()
                    .removeIf(
                        token -> refused.filter(("Bearer " + token.value())::equals).isPresent()));
  }

  /** What the registry wanted for these scopes it will want again. */
  private void remember(NavigableSet<String> scopes, NavigableSet<String> wanted) {
    Optional<Token> unused =
        locked(
            () -> {
              Optional<Token> token = Optional.ofNullable(tokens.get(wanted));
              token.ifPresent(kept -> tokens.put(scopes, kept));
              return token;
            });
  }

  /**
   * Tries the credentials against the answer to a request without any.
   *
   * @return an identity token that stands for them, if the registry gives one
   * @throws RegistryException when they are refused
   */
  public Optional<RegistryCredentials> identity(List<String> wwwAuthenticate) {
    Optional<Challenge> asked =
        choose(wwwAuthenticate).filter(one -> one.scheme().equals("bearer"));
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    Token token = fetch(asked.get(), new TreeSet<>(), true);
    challenge = asked.get();
    return Optional.of(token.refresh())
        .filter(refresh -> !refresh.isEmpty())
        .map(RegistryCredentials::identityToken);
  }

  private <T> T locked(Supplier<T> work) {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while waiting for a token of " + registry, e);
    }
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }
}
