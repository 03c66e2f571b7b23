"""What the Udesk sandbox says, in English and Chinese; which texts are invented is told in sandbox.py."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "unknown": ("Unknown error", "未知错误"),
    "taken": ("Verification failed: Name already in use", "验证失败: 名称已经被使用"),
    "blank": ("Verification failed: Name can't be blank", "验证失败: 名称不能为空字符"),
    "long": (
        "Verification failed: Name is too long (maximum is 255 characters)",
        "验证失败: 名称过长 (最长为 255 个字符)",
    ),
    "missing": ("param is missing or the value is empty: name", "缺少参数: name"),
    "parent": ("Non-existent parent department with parent_id {}", "不存在parent_id为{}的上级部门"),
    "format": ("The provided parent_id is not a non-negative integer", "提供的parent_id不是非负整数"),
    "absent": ("The resource was not found", "资源未找到"),
    "nonempty": ("Verification failed: The department has members", "验证失败: 部门下存在成员"),
    "throttle": ("Requests are too frequent, at most {} in a minute", "请求过于频繁, 每分钟最多{}次"),
    "password": ("Wrong e-mail or password", "邮箱或密码错误"),
    "admin": ("Non-administrators cannot operate", "非管理员不能操作"),
    "sign": ("Open API signature is incorrect", "Open API 签名不正确"),
    "timestamp": ("The timestamp is missing or malformed", "时间戳缺失或格式错误"),
    "skew": ("The timestamp differs by more than 5 minutes", "时间戳相差超过5分钟"),
    "nonce used": ("The nonce was used within 15 minutes", "nonce在15分钟内已被使用"),
    "nonce missing": ("The nonce is missing", "nonce缺失"),
    "deleted": ("Department with ID {} deleted successfully", "ID为{}的部门删除成功"),
}
