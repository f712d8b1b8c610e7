using System.Text;
using Tunneling.Http2.Hpack;

namespace Tunneling.Tests.Http2.Hpack;

/// <summary>Decoded fields as text.</summary>
internal static class FieldText
{
    public static string[] Of(FieldList list)
    {
        var lines = new List<string>();
        foreach (var field in list.Fields)
            lines.Add($"{Encoding.Latin1.GetString(list.Name(field))}: {Encoding.Latin1.GetString(list.Value(field))}");
        return [.. lines];
    }

    public static string[] Decode(HpackDecoder decoder, byte[] block, int limit = 1 << 20)
    {
        var list = new FieldList(limit);
        Assert.Equal(HpackError.None, decoder.Decode(block, list));
        return Of(list);
    }

    public static HpackError ErrorOf(params byte[] block) => new HpackDecoder().Decode(block, new FieldList(1 << 16));
}
