"""QCVN 102:2016 messages as XML: documents and answers about them, with all the personal data that real ones carry."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape

from simulators.model import CANARY, Document, System, person, phone

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
ATTACHMENT = base64.b64encode(f"{CANARY} attachment".encode()).decode()


@dataclass(frozen=True)
class Message:
    """A document, or one receiver's answer about it."""

    id: str
    direction: Literal["in", "out"]
    moment: datetime
    document: Document
    status: str = ""  # of an answer
    spoiled: str = ""  # one of `edxml.SPOILED`


def _organ(organ_id: str, number: int) -> str:
    return (
        f"<edXML:OrganId>{organ_id}</edXML:OrganId>"
        f"<edXML:OrganizationInCharge>Cơ quan {organ_id}</edXML:OrganizationInCharge>"
        f"<edXML:OrganName>Cơ quan {organ_id}</edXML:OrganName>"
        f"<edXML:OrganAdd>CANARY-{number}-Tổ 1</edXML:OrganAdd><edXML:Email>vanthu@example.com</edXML:Email>"
        f"<edXML:Telephone>{phone(number)}</edXML:Telephone><edXML:Fax></edXML:Fax><edXML:Website></edXML:Website>"
    )


def _staff(number: int) -> str:
    return (
        f"<edXML:StaffInfo><edXML:Department>Văn thư</edXML:Department><edXML:Staff>{person(number)}</edXML:Staff>"
        f"<edXML:Email>canary-{number}@example.com</edXML:Email><edXML:Mobile>{phone(number)}</edXML:Mobile></edXML:StaffInfo>"
    )


def _wrap(header: str, tail: str = "</edXML:edXMLEnvelope>") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{NAMESPACE}">'
        f'<edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}"><edXML:edXMLHeader>{header}</edXML:edXMLHeader>'
        f"{tail}</edXML>"
    )


def document(message: Message, organ: System) -> str:
    about = message.document
    sender, receiver = (
        (organ.key, about.counterpart) if about.direction == "out" else (about.counterpart, organ.key)
    )
    number = about.number
    subject, notation = escape(about.subject), escape(about.notation)
    secret = f"<edXML:SecretLevel>{escape(about.secret)}</edXML:SecretLevel>" if about.secret else ""
    sent = about.registered - timedelta(minutes=30)
    arrived = f"{about.registered:%Y/%m/%d %H:%M:%S}"
    header = (
        f"<edXML:MessageHeader><edXML:From>{_organ(sender, number)}</edXML:From>"
        f"<edXML:To>{_organ(receiver, number)}</edXML:To>"
        f"<edXML:DocumentId>{escape(about.code)}</edXML:DocumentId>"
        f"<edXML:Code><edXML:CodeNumber>{number}</edXML:CodeNumber>"
        f"<edXML:CodeNotation>{notation}</edXML:CodeNotation></edXML:Code>"
        f"<edXML:PromulgationInfo><edXML:Place>Cao Bằng</edXML:Place>"
        f"<edXML:PromulgationDate>{about.promulgated:%Y/%m/%d}</edXML:PromulgationDate></edXML:PromulgationInfo>"
        f"<edXML:DocumentType><edXML:Type>1</edXML:Type><edXML:TypeDetail>0</edXML:TypeDetail>"
        f"<edXML:TypeName>{about.kind}</edXML:TypeName></edXML:DocumentType>"
        f"<edXML:Subject>{subject}</edXML:Subject><edXML:Content>{person(number)} {subject}</edXML:Content>"
        f"<edXML:SignerInfo><edXML:Competence>KT. GIÁM ĐỐC</edXML:Competence>"
        f"<edXML:Position>Phó Giám đốc</edXML:Position>"
        f"<edXML:FullName>{person(number)}</edXML:FullName></edXML:SignerInfo>"
        f"<edXML:OtherInfo><edXML:Priority>0</edXML:Priority>{secret}"
        f"<edXML:SphereOfPromulgation></edXML:SphereOfPromulgation><edXML:TyperNotation>VT</edXML:TyperNotation>"
        f"<edXML:PromulgationAmount>2</edXML:PromulgationAmount><edXML:PageAmount>3</edXML:PageAmount>"
        f"<edXML:Direction>false</edXML:Direction><edXML:Appendixes></edXML:Appendixes></edXML:OtherInfo>"
        f"{_response_for(about)}<edXML:SteeringType>1</edXML:SteeringType></edXML:MessageHeader>"
        f"<edXML:TraceHeaderList>"
        f"<edXML:TraceHeader><edXML:OrganId>{sender}</edXML:OrganId>"
        f"<edXML:Timestamp>{sent:%Y/%m/%d %H:%M:%S}</edXML:Timestamp></edXML:TraceHeader>"
        f"<edXML:TraceHeader><edXML:OrganId>{receiver}</edXML:OrganId>"
        f"<edXML:Timestamp>{arrived}</edXML:Timestamp></edXML:TraceHeader>"
        f"<edXML:Bussiness>{_business_id(about)}<edXML:BussinessDocType>{about.action}</edXML:BussinessDocType>"
        f"<edXML:BussinessDocReason>Gửi văn bản</edXML:BussinessDocReason>"
        f"<edXML:Paper>{int(about.form == 'parallel')}</edXML:Paper>{_business_info(about)}{_staff(number)}"
        f"</edXML:Bussiness>"
        f"</edXML:TraceHeaderList>{_signature(about)}"
    )
    body = (
        '<edXML:edXMLBody><edXML:edXMLManifest version="1.0"><edXML:Reference><edXML:ContentId>cid:1</edXML:ContentId>'
        "<edXML:ContentType>application/pdf</edXML:ContentType><edXML:Description>van-ban.pdf</edXML:Description>"
        "<edXML:AttachmentName>van-ban.pdf</edXML:AttachmentName></edXML:Reference></edXML:edXMLManifest></edXML:edXMLBody>"
        "</edXML:edXMLEnvelope><AttachmentEncoded><Attachment><ContentId>cid:1</ContentId>"
        "<AttachmentName>van-ban.pdf</AttachmentName><ContentType>application/pdf</ContentType>"
        f'<edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">{ATTACHMENT}</edXML:ContentTransferEncoded>'
        "</Attachment></AttachmentEncoded>"
    )
    return _wrap(header, body)


def _response_for(about: Document) -> str:
    """A recall names its document here."""
    if about.action != 1:
        return ""
    return f"<edXML:ResponseFor>{_document_id(about.answers_to)}</edXML:ResponseFor>"


def _business_id(about: Document) -> str:
    """An update names its document here; a new one may name itself."""
    return _document_id(about.answers_to or about.code) if about.action in (0, 2) else ""


def _business_info(about: Document) -> str:
    if about.action == 2:
        return (
            "<edXML:BussinessDocumentInfo><edXML:DocumentInfo>1</edXML:DocumentInfo>"
            "<edXML:DocumentReceiver>0</edXML:DocumentReceiver></edXML:BussinessDocumentInfo>"
        )
    if about.action == 3:
        replaced = f"<edXML:ReplacementInfo>{_document_id(about.answers_to)}</edXML:ReplacementInfo>"
        return f"<edXML:ReplacementInfoList>{replaced}</edXML:ReplacementInfoList>"
    return ""


def _document_id(code: str) -> str:
    return f"<edXML:DocumentId>{escape(code)}</edXML:DocumentId>"


def _signature(about: Document) -> str:
    if about.signed is False:
        return ""
    return (
        "<Signature><SignedInfo><SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256' />"
        "<Reference URI=''><DigestValue>AAAA</DigestValue></Reference></SignedInfo>"
        f"<SignatureValue>QUJD</SignatureValue><KeyInfo><X509Data><X509SubjectName>CN={person(about.number)}"
        "</X509SubjectName></X509Data></KeyInfo></Signature>"
    )


def status(message: Message, organ: System) -> str:
    about = message.document
    words = {"01": "Đã đến", "03": "Đã tiếp nhận", "06": "Hoàn thành"}
    return _wrap(
        f"<edXML:MessageHeader><edXML:From>{_organ(about.counterpart, about.number)}</edXML:From>"
        f"<edXML:ResponseFor><edXML:OrganId>{organ.key}</edXML:OrganId>"
        f"<edXML:Code>{about.number}/{escape(about.notation)}</edXML:Code>"
        f"<edXML:PromulgationDate>{about.promulgated:%Y/%m/%d}</edXML:PromulgationDate>"
        f"<edXML:DocumentId>{escape(about.code)}</edXML:DocumentId></edXML:ResponseFor>{_staff(about.number)}"
        f"<edXML:StatusCode>{message.status}</edXML:StatusCode>"
        f"<edXML:Description>{person(about.number)}: {words[message.status]}</edXML:Description>"
        f"<edXML:Timestamp>{message.moment:%Y/%m/%d %H:%M:%S}</edXML:Timestamp></edXML:MessageHeader>"
    )
