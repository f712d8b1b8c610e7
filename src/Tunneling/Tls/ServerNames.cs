namespace Tunneling.Tls;

/// <summary>Which certificates a server shows for the name a client asked for (RFC 6066, section 3). Immutable.</summary>
internal sealed class ServerNames
{
    private readonly Dictionary<string, TlsCertificate[]> _certificates = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="certificates">The first is shown to clients that ask for no name or an unknown one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ServerNames(IReadOnlyList<TlsCertificate> certificates)
    {
        if (certificates.Count == 0) throw new ArgumentException("A server needs a certificate.", nameof(certificates));
        foreach (var name in certificates.SelectMany(static certificate => certificate.Names).Distinct(StringComparer.OrdinalIgnoreCase))
            _certificates[name] = OfEachKind(certificates.Where(certificate => certificate.Names.Contains(name, StringComparer.OrdinalIgnoreCase)));
        var first = certificates[0];
        Default = OfEachKind(certificates.Where(certificate => first.Names.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(certificate.Names)).Prepend(first));
        AreSeveral = certificates.Except(Default).Any();
    }

    /// <summary>One of each kind of key.</summary>
    public TlsCertificate[] Default { get; }

    /// <summary>Whether some name has other certificates than <see cref="Default"/>.</summary>
    public bool AreSeveral { get; }

    /// <summary>The certificates of a name, one of each kind of key: of the name itself, then of "*" before its parent, then the default.</summary>
    public TlsCertificate[] Find(ReadOnlySpan<char> name)
    {
        var lookup = _certificates.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(name, out var exact)) return exact;
        var dot = name.IndexOf('.');
        if (dot <= 0) return Default;
        Span<char> wildcard = stackalloc char[1 + name.Length - dot];
        wildcard[0] = '*';
        name[dot..].CopyTo(wildcard[1..]);
        return lookup.TryGetValue(wildcard, out var parent) ? parent : Default;
    }

    private static TlsCertificate[] OfEachKind(IEnumerable<TlsCertificate> certificates) => [.. certificates.DistinctBy(static certificate => certificate.KeyType)];
}
