using System.Buffers;
using Masque.Templates;
using Masque.Udp;

namespace Masque.Tests;

public sealed class ReadmeExampleTests
{
    [Fact]
    public void The_readmes_example_takes_a_packet_through()
    {
        // <example>
        // Where the tunnel is: the client expands what the server matches.
        var parsed = TargetTemplate.TryParse(MasqueTemplates.DefaultUdp, out var template);
        var path = template!.Expand("2001:db8::53", 53);
        var found = template.TryMatch(path, out var host, out var port);

        // The client writes a packet into the stream.
        byte[] packet = [1, 2, 3];
        var stream = new byte[UdpDatagram.MaxHeaderLength + packet.Length];
        var length = UdpDatagram.WriteHeader(stream, packet.Length);
        packet.CopyTo(stream, length);

        // The server takes what has arrived apart; a payload is a part of the buffer.
        var arrived = new ReadOnlySequence<byte>(stream, 0, length + packet.Length);
        var reader = new UdpDatagramReader();
        var step = reader.Read(ref arrived, out var payload);
        // </example>

        Assert.True(parsed && found);
        Assert.Equal(("2001:db8::53", "53"), (host, port));
        Assert.Equal(UdpDatagramStep.Payload, step);
        Assert.Equal(packet, payload.ToArray());
    }

    [Fact]
    public void The_readme_shows_the_code_of_this_test()
    {
        var example = Lines("ReadmeExampleTests.cs").SkipWhile(static line => line != "// <example>").Skip(1).TakeWhile(static line => line != "// </example>").ToList();
        Assert.NotEmpty(example);
        Assert.Equal(example, Block(2));
        Assert.Equal(Lines("ReadmeTunnels.cs"), Block(1));
    }

    /// <summary>The first block of code, the second, ...</summary>
    private static IEnumerable<string> Block(int number)
    {
        var lines = Lines("README.md");
        for (var i = 0; i < number; i++) lines = lines.SkipWhile(static line => line != "```csharp").Skip(1);
        return lines.TakeWhile(static line => line != "```");
    }

    private static IEnumerable<string> Lines(string file) => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Readme", file)).Select(static line => line.Trim());
}
