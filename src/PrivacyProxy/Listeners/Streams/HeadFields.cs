using System.Text;
using Microsoft.Extensions.Primitives;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Requests;
using Tunneling.Http2.Hpack;
using Tunneling.Http2.Requests;

namespace PrivacyProxy.Listeners.Streams;

/// <summary>The heads of HTTP/2 and HTTP/3 that the proxy reads itself: fields as strings, read as Kestrel reads them, and CONNECT.</summary>
internal static class HeadFields
{
    /// <summary>All values of a name.</summary>
    public static StringValues Values(this RequestHead head, FieldName name)
    {
        StringValues values = default;
        foreach (ref readonly var field in head.List.Fields)
            if (field.Id == name) values = StringValues.Concat(values, Encoding.UTF8.GetString(head.List.Value(field)));
        return values;
    }

    public static bool Has(this RequestHead head, FieldName name)
    {
        foreach (ref readonly var field in head.List.Fields)
            if (field.Id == name) return true;
        return false;
    }

    /// <summary>Every field that is no pseudo-header field. Cookies come as one (RFC 9113, section 8.2.3), and <c>:authority</c> as Host.</summary>
    public static void CopyTo(this RequestHead head, IHeaderDictionary fields)
    {
        head.CopyFieldsTo(fields);
        fields.Host = Encoding.ASCII.GetString(head.Authority);
    }

    /// <summary>The same without a Host: of trailers.</summary>
    public static void CopyFieldsTo(this RequestHead head, IHeaderDictionary fields)
    {
        foreach (ref readonly var field in head.List.Fields)
        {
            if (field.Id is FieldName.Host || head.List.Name(field)[0] == ':') continue;
            var name = Encoding.ASCII.GetString(head.List.Name(field));
            var value = Encoding.UTF8.GetString(head.List.Value(field));
            if (field.Id == FieldName.Cookie && fields.Cookie.Count > 0) fields.Cookie = $"{fields.Cookie}; {value}";
            else fields.Append(name, value);
        }
    }

    /// <summary>A CONNECT: extended (RFC 8441, RFC 9220), which has a path, or classic, which has none.</summary>
    /// <returns>Null with what is wrong with it.</returns>
    public static TunnelRequest? ReadConnect(this RequestHead head, TunnelResources resources, out InvalidRequest? invalid)
    {
        TunnelTarget? target;
        var kind = TunnelKind.Connect;
        if (head.IsExtendedConnect)
        {
            var hasContent = head.Has(FieldName.ContentLength) || head.Has(FieldName.ContentType);
            invalid = TemplatedRequests.ReadConnect(Encoding.Latin1.GetString(head.Path), Encoding.ASCII.GetString(head.Protocol), hasContent, resources, out var match);
            (kind, target) = (match?.Kind ?? default, match?.Target);
        }
        else
        {
            var error = TunnelTargetParser.TryParse(Encoding.Latin1.GetString(head.Authority), out target);
            invalid = error == TunnelTargetError.None ? null : InvalidRequest.Of(error);
        }

        return invalid is not null ? null : new TunnelRequest
        {
            Kind = kind,
            Target = target!,
            Credentials = new TunnelCredentials(head.Values(FieldName.ProxyAuthorization), head.Values(FieldName.Authorization)),
            Geohash = head.Values(FieldName.SecChGeohash),
        };
    }

    /// <summary>What a request holds, as <see cref="Admission.RequestLimits"/> counts: names and values as strings, bytes.</summary>
    public static long Weigh(this RequestHead head)
    {
        long characters = 0;
        foreach (ref readonly var field in head.List.Fields) characters += field.NameLength + field.ValueLength;
        return Admission.RequestLimits.BareRequest + (2 * characters);
    }
}
