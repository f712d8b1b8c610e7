using Microsoft.AspNetCore.Http;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>What a request asks for, before anybody has been asked whether it may have it; or why it is refused.</summary>
internal sealed class IssuancePlan
{
    private readonly Func<CancellationToken, ValueTask<IssuanceAnswer>>? _issue;

    private IssuancePlan(IReadOnlyList<(TokenType, int)> tokens, Func<CancellationToken, ValueTask<IssuanceAnswer>>? issue, int status, string reason) =>
        (Tokens, _issue, Status, Reason) = (tokens, issue, status, reason);

    /// <summary>How many tokens of which types.</summary>
    public IReadOnlyList<(TokenType Type, int Count)> Tokens { get; }

    /// <summary>200, or the status of the refusal.</summary>
    public int Status { get; }

    /// <summary>One sentence for the client where it is refused.</summary>
    public string Reason { get; }

    public bool IsRefused => _issue is null;

    /// <summary>Tokens of one type.</summary>
    public static IssuancePlan Of(TokenType type, int count, Func<byte[]> issue) =>
        Of([(type, count)], () => new IssuanceAnswer(StatusCodes.Status200OK, issue()));

    public static IssuancePlan Of(IReadOnlyList<(TokenType Type, int Count)> tokens, Func<IssuanceAnswer> issue) => Of(tokens, _ => ValueTask.FromResult(issue()));

    /// <summary>Tokens that somebody else makes.</summary>
    public static IssuancePlan Of(IReadOnlyList<(TokenType Type, int Count)> tokens, Func<CancellationToken, ValueTask<IssuanceAnswer>> issue) => new(tokens, issue, StatusCodes.Status200OK, "");

    public static IssuancePlan Refused(int status, string reason) => new([], null, status, reason);

    /// <summary>Does the work.</summary>
    /// <exception cref="TokenIssuanceException">The request is malformed after all (HTTP 422).</exception>
    public ValueTask<IssuanceAnswer> IssueAsync(CancellationToken cancellationToken) => _issue!(cancellationToken);
}

/// <summary>An answer: tokens, or why there are none.</summary>
/// <param name="Status">200, 206, or that of a refusal.</param>
/// <param name="Body">The tokens.</param>
/// <param name="Reason">Of a refusal, one sentence for the client.</param>
/// <param name="RetryAfter">When to come back, where that is known.</param>
internal readonly record struct IssuanceAnswer(int Status, byte[] Body, string Reason = "", TimeSpan? RetryAfter = null)
{
    public static IssuanceAnswer Refused(int status, string reason, TimeSpan? retryAfter = null) => new(status, [], reason, retryAfter);
}
