using System.Buffers.Binary;
using System.IO.Compression;

namespace Browser.Tests;

/// <summary>Reads the pixels of a PNG as browsers write screenshots: 8 bits, RGB or RGBA, not interlaced (ISO/IEC 15948).</summary>
internal sealed class Png
{
    private readonly byte[] _pixels;
    private readonly int _channels;

    private Png(int width, int height, int channels, byte[] pixels) => (Width, Height, _channels, _pixels) = (width, height, channels, pixels);

    public int Width { get; }

    public int Height { get; }

    public static Png Read(byte[] file)
    {
        Assert.Equal([0x89, .. "PNG\r\n\x1a\n"u8], file[..8]);
        using var data = new MemoryStream();
        int width = 0, height = 0, channels = 0;
        for (var i = 8; i < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(i));
            var type = System.Text.Encoding.ASCII.GetString(file, i + 4, 4);
            var chunk = file.AsSpan(i + 8, length);
            if (type == "IHDR")
            {
                width = BinaryPrimitives.ReadInt32BigEndian(chunk);
                height = BinaryPrimitives.ReadInt32BigEndian(chunk[4..]);
                Assert.Equal((8, 0), (chunk[8], chunk[12]));
                channels = chunk[9] switch { 2 => 3, 6 => 4, var other => throw new InvalidDataException($"Colour type {other}.") };
            }
            else if (type == "IDAT")
            {
                data.Write(chunk);
            }

            i += length + 12;
        }

        data.Position = 0;
        using var inflated = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionMode.Decompress)) zlib.CopyTo(inflated);
        return new Png(width, height, channels, Unfilter(inflated.ToArray(), width * channels, height, channels));
    }

    /// <summary>A pixel as in CSS: #rrggbb.</summary>
    public string Color(int x, int y) => "#" + Convert.ToHexStringLower(_pixels.AsSpan(((y * Width) + x) * _channels, 3));

    private static byte[] Unfilter(byte[] data, int stride, int height, int channels)
    {
        var pixels = new byte[stride * height];
        for (var y = 0; y < height; y++)
        {
            var filter = data[y * (stride + 1)];
            for (var x = 0; x < stride; x++)
            {
                int left = x < channels ? 0 : pixels[(y * stride) + x - channels];
                int up = y == 0 ? 0 : pixels[((y - 1) * stride) + x];
                int corner = x < channels || y == 0 ? 0 : pixels[((y - 1) * stride) + x - channels];
                var predicted = filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) };
                pixels[(y * stride) + x] = (byte)(data[(y * (stride + 1)) + 1 + x] + predicted);
            }
        }

        return pixels;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (a, b, c) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
