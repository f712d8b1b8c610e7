using System.Text;
using Microsoft.Extensions.Primitives;
using Tunneling.Http2.Hpack;
using Tunneling.Http2.Requests;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>Fields of a head as strings, read as Kestrel reads them.</summary>
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
}
