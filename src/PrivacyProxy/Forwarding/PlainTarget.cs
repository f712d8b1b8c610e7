using PrivacyProxy.Requests;

namespace PrivacyProxy.Forwarding;

/// <summary>Where a plain request goes, or what is wrong with it.</summary>
/// <param name="Target">The origin.</param>
/// <param name="Uri">With path and query as the client wrote them.</param>
/// <param name="Invalid">Null with the other two.</param>
internal readonly record struct PlainTarget(TunnelTarget? Target, Uri? Uri, InvalidRequest? Invalid)
{
    private static readonly UriCreationOptions _asWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Reads authority and what follows it, neither decoded.</summary>
    public static PlainTarget Read(string authority, string pathAndQuery)
    {
        var hasPort = authority.IndexOf(':', authority.StartsWith('[') ? Math.Max(authority.IndexOf(']', StringComparison.Ordinal), 0) : 0) >= 0;
        var error = TunnelTargetParser.TryParse(hasPort ? authority : authority + ":80", out var target);
        if (error != TunnelTargetError.None) return Refused(InvalidRequest.Of(error));
        // A fragment is no part of a request.
        if (pathAndQuery.Contains('#', StringComparison.Ordinal)) return Refused("fragment in target");
        // It is written as it is, between two spaces.
        if (pathAndQuery.AsSpan().ContainsAnyExceptInRange('!', '~')) return Refused("invalid target");
        if (!pathAndQuery.StartsWith('/')) pathAndQuery = "/" + pathAndQuery;
        var host = target!.Host.Contains(':', StringComparison.Ordinal) ? $"[{target.Host}]" : target.Host;
        return Uri.TryCreate($"http://{host}:{target.Port}{pathAndQuery}", _asWritten, out var uri) ? new PlainTarget(target, uri, null) : Refused("invalid target");
    }

    public static PlainTarget Refused(string details) => Refused(new InvalidRequest(StatusCodes.Status400BadRequest, details));

    public static PlainTarget Refused(InvalidRequest invalid) => new(null, null, invalid);
}
