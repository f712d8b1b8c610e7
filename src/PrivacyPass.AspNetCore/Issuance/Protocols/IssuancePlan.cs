using Microsoft.AspNetCore.Http;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>What a request asks for, before anybody has been asked whether it may have it; or why it is refused.</summary>
internal sealed class IssuancePlan
{
    private readonly Func<IssuanceAnswer>? _issue;

    private IssuancePlan(IReadOnlyList<(TokenType, int)> tokens, Func<IssuanceAnswer>? issue, int status, string reason) =>
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

    public static IssuancePlan Of(IReadOnlyList<(TokenType Type, int Count)> tokens, Func<IssuanceAnswer> issue) => new(tokens, issue, StatusCodes.Status200OK, "");

    public static IssuancePlan Refused(int status, string reason) => new([], null, status, reason);

    /// <summary>Does the work.</summary>
    /// <exception cref="TokenIssuanceException">The request is malformed after all (HTTP 422).</exception>
    public IssuanceAnswer Issue() => _issue!();
}

/// <summary>The status and body of an answer with tokens.</summary>
internal readonly record struct IssuanceAnswer(int Status, byte[] Body);
