using Tunneling.Http2.Hpack;

namespace Tunneling.Fuzz;

/// <summary>Blocks for one decoder: a byte says how long the next one is.</summary>
internal static class HpackTarget
{
    private const int Limit = 2048;

    [ThreadStatic]
    private static FieldList? t_list;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var list = t_list ??= new FieldList(Limit);
        var maxTable = input.Length > 0 && input[0] % 2 == 0 ? 4096 : 200;
        var decoder = new HpackDecoder(maxTable);
        while (!input.IsEmpty)
        {
            var length = Math.Min(input[0], input.Length - 1);
            list.Clear();
            var error = decoder.Decode(input.Slice(1, length), list);
            if (decoder.TableSize > maxTable || decoder.TableSize < 0) throw new InvalidOperationException("The table is larger than allowed.");
            var size = 0;
            foreach (ref readonly var field in list.Fields)
            {
                size += list.Name(field).Length + list.Value(field).Length + DynamicTable.EntryOverhead;
                if (FieldNames.Find(list.Name(field)) != field.Id) throw new InvalidOperationException("A name and what it was taken for differ.");
            }

            if (size > Limit) throw new InvalidOperationException("The list is larger than allowed.");
            if (error != HpackError.None) return;
            input = input[(1 + length)..];
        }
    }
}
