using FsCheck;
using FsCheck.Xunit;
using Tunneling.Http2.Hpack;

namespace Tunneling.Tests.Http2.Hpack;

public sealed class HpackPropertyTests
{
    [Property(MaxTest = 500)]
    public bool Any_text_is_read_back_through_Huffman(byte[] text)
    {
        var coded = HuffmanEncoder.Encode(text);
        var decoded = new byte[Huffman.MaxDecodedLength(coded.Length)];
        return Huffman.TryDecode(coded, decoded, out var written) && decoded.AsSpan(0, written).SequenceEqual(text);
    }

    [Property(MaxTest = 2000)]
    public bool Any_coded_bytes_decode_to_what_codes_to_them_again_or_are_refused(byte[] coded)
    {
        var decoded = new byte[Huffman.MaxDecodedLength(coded.Length)];
        return !Huffman.TryDecode(coded, decoded, out var written) || HuffmanEncoder.Encode(decoded.AsSpan(0, written)).AsSpan().SequenceEqual(coded);
    }

    /// <summary>Random blocks over a small table, beside a model of the table that is a plain list.</summary>
    [Property(MaxTest = 500)]
    public bool Any_sequence_of_representations_reads_as_a_simple_model_says(int seed)
    {
        var random = new Random(seed);
        var decoder = new HpackDecoder(200);
        var model = new List<(string Name, string Value)>();
        var max = 200;
        for (var i = 0; i < 20; i++)
        {
            var writer = new BlockWriter();
            var expected = new List<string>();
            if (random.Next(8) == 0) writer.Size(max = random.Next(201));
            Evict(model, max);
            for (var fields = random.Next(6); fields > 0; fields--) WriteField(random, writer, expected, model, max);
            if (!FieldText.Decode(decoder, writer.ToArray()).SequenceEqual(expected)) return false;
            if (decoder.TableSize != model.Sum(e => e.Name.Length + e.Value.Length + 32)) return false;
        }

        return true;
    }

    [Property(MaxTest = 2000)]
    public bool Any_bytes_are_refused_or_read_and_never_throw(byte[][] blocks)
    {
        var decoder = new HpackDecoder(128);
        var list = new FieldList(300);
        foreach (var block in blocks)
        {
            list.Clear();
            if (decoder.Decode(block, list) != HpackError.None) return true;
            if (decoder.TableSize > 128) return false;
        }

        return true;
    }

    [Property(MaxTest = 500)]
    public bool Whatever_the_encoder_writes_is_read_back(ushort status, NonNull<string>[] values)
    {
        var code = 100 + (status % 900);
        var block = new byte[16 * 1024];
        var length = HpackEncoder.WriteStatus(block, code);
        var expected = new List<string> { $":status: {code}" };
        string[] names = ["Server-Timing", "proxy-authenticate", "X-Some", "content-length"];
        for (var i = 0; i < Math.Min(values.Length, 20); i++)
        {
            var (name, value) = (names[i % names.Length], values[i].Get);
            if (length + HpackEncoder.MaxFieldLength(name, value) > block.Length) break;
            var written = HpackEncoder.WriteField(block.AsSpan(length), name, value);
            if (written > HpackEncoder.MaxFieldLength(name, value)) return false;
            length += written;
            expected.Add($"{name.ToLowerInvariant()}: {System.Text.Encoding.Latin1.GetString(System.Text.Encoding.Latin1.GetBytes(value))}");
        }

        return FieldText.Decode(new HpackDecoder(), block[..length]).SequenceEqual(expected);
    }

    private static void WriteField(Random random, BlockWriter writer, List<string> expected, List<(string Name, string Value)> model, int max)
    {
        var huffman = random.Next(2) == 0;
        if (model.Count > 0 && random.Next(3) == 0)
        {
            var at = random.Next(model.Count);
            writer.Indexed(62 + at);
            expected.Add($"{model[at].Name}: {model[at].Value}");
            return;
        }

        var value = new string((char)('a' + random.Next(26)), random.Next(60));
        var pattern = random.Next(3) switch { 0 => (byte)0x40, 1 => (byte)0x00, _ => (byte)0x10 };
        string name;
        if (model.Count > 0 && random.Next(3) == 0)
        {
            var at = random.Next(model.Count);
            name = model[at].Name;
            writer.Literal(62 + at, value, pattern, huffman);
        }
        else
        {
            name = new string((char)('a' + random.Next(26)), 1 + random.Next(20));
            writer.Literal(name, value, pattern, huffman);
        }

        expected.Add($"{name}: {value}");
        if (pattern != 0x40) return;
        if (name.Length + value.Length + 32 > max)
        {
            model.Clear();
            return;
        }

        Evict(model, max - name.Length - value.Length - 32);
        model.Insert(0, (name, value));
    }

    private static void Evict(List<(string Name, string Value)> model, int max)
    {
        while (model.Count > 0 && model.Sum(e => e.Name.Length + e.Value.Length + 32) > max) model.RemoveAt(model.Count - 1);
    }
}
