using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>
/// The memory of one connection above its socket: every stream of HTTP/2 takes a block for each direction, so a stranger's are Kestrel's
/// small ones, and large ones come once a credential was accepted, when there is much to move.
/// </summary>
internal sealed class ConnectionMemoryPool(AdmittedConnection connection, MemoryPool<byte> small, MemoryPool<byte> large) : MemoryPool<byte>, IMemoryPoolFeature
{
    /// <summary>What both can give: who asks for more takes it elsewhere.</summary>
    public override int MaxBufferSize { get; } = Math.Min(small.MaxBufferSize, large.MaxBufferSize);

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => (connection.IsStranger ? small : large).Rent(minBufferSize);

    /// <summary>The blocks belong to pools of the whole process.</summary>
    protected override void Dispose(bool disposing)
    {
    }
}
