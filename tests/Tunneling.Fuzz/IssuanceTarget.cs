using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyPass.Ristretto255;

namespace Tunneling.Fuzz;

/// <summary>What issuers and their clients read: the first byte says what the rest is taken for. What is read and written again is the same.</summary>
internal static class IssuanceTarget
{
    private static readonly TokenType[] _types = [TokenType.VoprfP384, TokenType.BlindRsa2048, TokenType.VoprfRistretto255, TokenType.PartiallyBlindRsa2048];

    // Keys of the vectors would do as well; they are only to be right.
    private static readonly IBatchTokenIssuer _issuer = (IBatchTokenIssuer)TokenCryptography.GenerateIssuer(TokenType.VoprfRistretto255);
    private static readonly PendingTokenBatch _pending = Begin();

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var bytes = input[1..];
        switch (input[0] % 8)
        {
            case 0:
                Amortized(bytes);
                break;
            case 1:
                GenericRequest(bytes);
                break;
            case 2:
                GenericResponse(bytes);
                break;
            case 3:
                Extensions(bytes);
                break;
            case 4:
                Single(bytes);
                break;
            case 5:
                Element(bytes);
                break;
            case 6:
                Answered(bytes);
                break;
            default:
                Challenge(bytes);
                break;
        }
    }

    private static void Amortized(ReadOnlySpan<byte> bytes)
    {
        if (!AmortizedBatchRequestView.TryRead(bytes, out var request)) return;
        if (request.Count * TokenSizes.BlindedMessage(request.Type) != request.BlindedElements.Length || request.Count == 0) throw new InvalidOperationException("The elements do not add up.");
        if (request.Type == _issuer.Type && request.Count < 8) OnlyRefuses(bytes, static request => _issuer.IssueBatch(request));
    }

    private static void GenericRequest(ReadOnlySpan<byte> bytes)
    {
        if (!GenericBatch.TryReadRequest(bytes, 16, out var ranges)) return;
        var all = bytes.ToArray();
        var written = GenericBatch.WriteRequest(ranges.Select(range => (ReadOnlyMemory<byte>)all.AsMemory(range)));
        if (!written.AsSpan().SequenceEqual(bytes)) throw new InvalidOperationException("Written again, the batch is another one.");
        foreach (var range in ranges)
            if (!TokenRequestView.TryRead(bytes[range], out _)) throw new InvalidOperationException("A request of a batch is none by itself.");
    }

    private static void GenericResponse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        var types = Enumerable.Range(0, bytes[0] % 5).Select(i => _types[i % _types.Length]).ToArray();
        bytes = bytes[1..];
        if (!GenericBatch.TryReadResponse(bytes, types, out var places)) return;
        var all = bytes.ToArray();
        var written = GenericBatch.WriteResponse(places.Select((place, i) => (types[i], place is { } range ? all[range] : null)));
        if (!written.AsSpan().SequenceEqual(bytes)) throw new InvalidOperationException("Written again, the answer is another one.");
    }

    private static void Extensions(ReadOnlySpan<byte> bytes)
    {
        if (!TokenExtensions.TryRead(bytes, out var read)) return;
        if (!new TokenExtensions(read!.Items).Encoded.Span.SequenceEqual(bytes)) throw new InvalidOperationException("Written again, the extensions are others.");
        if (read.TryGetExpiration(out var expiration) && expiration is { } time && time < DateTimeOffset.UnixEpoch) throw new InvalidOperationException("An expiration before all times.");
        if (read.TryGetGeoHint(out var hint) && hint is { Length: 0 }) throw new InvalidOperationException("A hint that is empty.");
    }

    private static void Single(ReadOnlySpan<byte> bytes)
    {
        if (TokenRequestView.TryRead(bytes, out var request) && request.Type == _issuer.Type) OnlyRefuses(bytes, static request => _issuer.Issue(request));
        if (TokenView.TryRead(bytes, out var token) && token.Bytes.Length != TokenSizes.Token(token.Type)) throw new InvalidOperationException("A token of another size.");
    }

    private static void Element(ReadOnlySpan<byte> bytes)
    {
        if (RistrettoElement.Decode(bytes) is not { } element) return;
        Span<byte> encoded = stackalloc byte[RistrettoElement.EncodedSize];
        element.Encode(encoded);
        if (!encoded.SequenceEqual(bytes)) throw new InvalidOperationException("An element with two encodings.");
        if (element.IsIdentity() != bytes.SequenceEqual(new byte[RistrettoElement.EncodedSize])) throw new InvalidOperationException("An identity that is none.");
    }

    private static void Answered(ReadOnlySpan<byte> bytes) => OnlyRefuses(bytes, static response => _pending.Finalize(response));

    private static void Challenge(ReadOnlySpan<byte> bytes)
    {
        if (TokenChallenge.TryRead(bytes, out var challenge) != TokenChallengeError.None) return;
        var again = new TokenChallenge(challenge!.Type, challenge.IssuerName, challenge.RedemptionContext.Span, challenge.OriginInfo);
        if (!again.Encoded.Span.SequenceEqual(bytes)) throw new InvalidOperationException("Written again, the challenge is another one.");
        challenge.AllowsOrigin("proxy.example:443");
    }

    private static PendingTokenBatch Begin()
    {
        using var client = (IBatchTokenClient)TokenCryptography.CreateClient(_issuer.Type, _issuer.PublicKey.Span);
        return client.CreateBatchRequest("challenge"u8, 2);
    }

    private static void OnlyRefuses(ReadOnlySpan<byte> bytes, Action<byte[]> use)
    {
        try
        {
            use(bytes.ToArray());
        }
        catch (TokenIssuanceException)
        {
            // The documented exception; any other is a finding.
        }
    }
}
