using Tunneling.Http2.Hpack;

namespace Tunneling.Http2.Requests;

/// <summary>
/// The head of a request that keeps the rules of RFC 9113, section 8. One object serves a whole loop: its bytes are good only
/// until the call that hands it out returns.
/// </summary>
internal sealed class RequestHead
{
    private readonly FieldList _fields;
    private int _method;
    private int _scheme;
    private int _authority;
    private int _path;
    private int _protocol;

    /// <param name="maxListSize">The limit on the field list, as RFC 9113, section 6.5.2 counts.</param>
    public RequestHead(int maxListSize)
    {
        _fields = new FieldList(maxListSize);
        Clear();
    }

    /// <summary>All fields, pseudo-header fields first.</summary>
    public FieldList List => _fields;

    /// <summary><c>:method</c>; never empty.</summary>
    public ReadOnlySpan<byte> Method => ValueAt(_method);

    /// <summary><c>:scheme</c>; empty on classic CONNECT.</summary>
    public ReadOnlySpan<byte> Scheme => ValueAt(_scheme);

    /// <summary><c>:authority</c>, or <c>host</c> where that was left out; on CONNECT the destination.</summary>
    public ReadOnlySpan<byte> Authority => ValueAt(_authority);

    /// <summary><c>:path</c>; empty on classic CONNECT.</summary>
    public ReadOnlySpan<byte> Path => ValueAt(_path);

    /// <summary><c>:protocol</c> of extended CONNECT (RFC 8441), else empty.</summary>
    public ReadOnlySpan<byte> Protocol => ValueAt(_protocol);

    /// <summary>CONNECT, classic or extended: what follows is a tunnel.</summary>
    public bool IsConnect { get; private set; }

    /// <summary>CONNECT with <c>:protocol</c>.</summary>
    public bool IsExtendedConnect => _protocol >= 0;

    /// <summary>What content-length says; -1 without one, and on CONNECT.</summary>
    public long ContentLength { get; private set; }

    /// <summary>True when the fields were more than the limit: then nothing else here says anything.</summary>
    public bool IsTooLarge => _fields.IsTooLarge;

    /// <summary>The value of the first field of a name; empty without one.</summary>
    public ReadOnlySpan<byte> Value(FieldName name)
    {
        foreach (ref readonly var field in _fields.Fields)
        {
            if (field.Id == name) return _fields.Value(field);
        }

        return default;
    }

    /// <summary>Forgets the last request.</summary>
    public void Clear()
    {
        _fields.Clear();
        (_method, _scheme, _authority, _path, _protocol) = (-1, -1, -1, -1, -1);
        IsConnect = false;
        ContentLength = -1;
    }

    /// <summary>Looks over the decoded fields; false: the request is malformed (section 8.1.1).</summary>
    public bool TryRead()
    {
        var host = -1;
        var inPseudo = true;
        var fields = _fields.Fields;
        for (var i = 0; i < fields.Length; i++)
        {
            ref readonly var field = ref fields[i];
            var name = _fields.Name(field);
            var value = _fields.Value(field);
            if (!FieldSyntax.IsValue(value)) return false;
            if (name.Length > 0 && name[0] == ':')
            {
                if (!inPseudo || !TryPseudo(field.Id, i)) return false;
                continue;
            }

            inPseudo = false;
            if (!FieldSyntax.IsName(name) || !TryField(field.Id, value, i, ref host)) return false;
        }

        return HasItsPseudoFields(host);
    }

    /// <summary>Trailers: no pseudo-header field, and the syntax of any other.</summary>
    public bool TryReadTrailers()
    {
        foreach (ref readonly var field in _fields.Fields)
        {
            var name = _fields.Name(field);
            if (!FieldSyntax.IsName(name) || !FieldSyntax.IsValue(_fields.Value(field)) || FieldSyntax.IsConnectionSpecific(field.Id)) return false;
        }

        return true;
    }

    private bool TryPseudo(FieldName id, int at)
    {
        switch (id)
        {
            case FieldName.PseudoMethod: return Once(ref _method, at);
            case FieldName.PseudoScheme: return Once(ref _scheme, at);
            case FieldName.PseudoAuthority: return Once(ref _authority, at);
            case FieldName.PseudoPath: return Once(ref _path, at);
            case FieldName.PseudoProtocol: return Once(ref _protocol, at);
            default: return false;
        }

        static bool Once(ref int place, int at)
        {
            if (place >= 0) return false;
            place = at;
            return true;
        }
    }

    private bool TryField(FieldName id, ReadOnlySpan<byte> value, int at, ref int host)
    {
        switch (id)
        {
            case FieldName.Te:
                return FieldSyntax.EqualsIgnoreCase(value, "trailers"u8);
            case FieldName.Host:
                if (host >= 0) return false;
                host = at;
                return true;
            case FieldName.ContentLength:
                if (!FieldSyntax.TryReadLength(value, out var length) || (ContentLength >= 0 && ContentLength != length)) return false;
                ContentLength = length;
                return true;
            default:
                return !FieldSyntax.IsConnectionSpecific(id);
        }
    }

    private bool HasItsPseudoFields(int host)
    {
        if (_method < 0 || !FieldSyntax.IsToken(Method)) return false;
        IsConnect = Method.SequenceEqual("CONNECT"u8);
        if (_protocol >= 0 && (!IsConnect || !FieldSyntax.IsToken(Protocol))) return false;
        if (host >= 0)
        {
            if (_authority < 0)
            {
                // What a gateway may have left out (section 8.3.1); CONNECT must have its own.
                if (IsConnect) return false;
                _authority = host;
            }
            else if (!FieldSyntax.EqualsIgnoreCase(Authority, ValueAt(host)))
            {
                return false;
            }
        }

        if (IsConnect)
        {
            // A tunnel's bytes are no content: only the length of nothing can be meant (RFC 9110, section 9.3.6).
            if (ContentLength > 0 || Authority.IsEmpty) return false;
            ContentLength = -1;
            if (_protocol < 0) return _scheme < 0 && _path < 0;
        }

        return _scheme >= 0 && FieldSyntax.IsScheme(Scheme) && !Authority.Contains((byte)'@') && IsPath();
    }

    private bool IsPath()
    {
        if (_path < 0 || Path.IsEmpty || !FieldSyntax.IsTarget(Path)) return false;
        var isHttp = FieldSyntax.EqualsIgnoreCase(Scheme, "http"u8) || FieldSyntax.EqualsIgnoreCase(Scheme, "https"u8);
        return !isHttp || Path[0] == '/' || (Path.Length == 1 && Path[0] == '*' && Method.SequenceEqual("OPTIONS"u8));
    }

    private ReadOnlySpan<byte> ValueAt(int place) => place < 0 ? default : _fields.Value(_fields.Fields[place]);
}
